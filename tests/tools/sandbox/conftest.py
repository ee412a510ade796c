"""Sandboxes for the tests: every backend that is usable here, each opened once."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from redraft.tools.sandbox import Pool
from redraft.tools.sandbox.open import backends, trouble

NAMES = ("bubblewrap", "sandlock")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def usable() -> dict[str, str | None]:
    """What is wrong with each backend here; None where nothing is."""
    found = {backend.name: await trouble(backend) for backend in backends()}
    return {name: found.get(name, "it is not installed") for name in NAMES}


@pytest_asyncio.fixture(scope="session", loop_scope="session", params=NAMES)
async def sandbox(request: pytest.FixtureRequest, usable: dict[str, str | None]) -> AsyncIterator[Pool]:
    """One backend after the other."""
    if usable[request.param] is not None:
        pytest.skip(f"{request.param} is of no use here: {usable[request.param]}")
    pool = Pool(next(each for each in backends() if each.name == request.param), size=2)
    yield pool
    await pool.aclose()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def best(usable: dict[str, str | None]) -> AsyncIterator[Pool]:
    """The one that `open_sandbox` chooses."""
    name = next((name for name in NAMES if usable[name] is None), None)
    if name is None:
        pytest.skip(f"no sandbox works here: {usable}")
    pool = Pool(next(each for each in backends() if each.name == name), size=2)
    yield pool
    await pool.aclose()
