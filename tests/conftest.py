"""What all tests share: recorded data, and the embedded model in llama.cpp."""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from redraft.models.local import LocalModel
from redraft.tools.provers.coq.contained import INSTALL

ROOT = Path(__file__).parent.parent


def pytest_configure() -> None:
    """Whichever test imports Ray first (vLLM does as well), it listens on loopback alone."""
    os.environ.setdefault("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0")


@pytest.hookimpl(tryfirst=True)  # xdist reads the groups in the same hook.
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of the embedded model share one process, so that it is loaded once. In CI Coq's run, or fail."""
    no_coq = pytest.mark.skip(reason=f"Coq is not installed: {INSTALL}")
    coq = shutil.which("coqc") or os.environ.get("CI")
    missing = pytest.mark.skip(reason="xllamacpp is not installed: pip install 'redraft[local]'")
    for item in items:
        if item.get_closest_marker("coq") and not coq:
            item.add_marker(no_coq)
        if item.get_closest_marker("local"):
            item.add_marker(pytest.mark.xdist_group("local"))
            if importlib.util.find_spec("xllamacpp") is None:
                item.add_marker(missing)


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of recorded data (`$REDRAFT_DATA`), which is not part of the repository."""
    folder = Path(os.environ.get("REDRAFT_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no recorded data at {folder}: set REDRAFT_DATA")
    return folder


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def local_model() -> AsyncIterator[LocalModel]:
    """The embedded model, fetched if need be. For tests marked `local` and `asyncio(loop_scope="session")`."""
    model = LocalModel(slots=2, context=4096)
    await model.connect()
    yield model
    await model.aclose()
