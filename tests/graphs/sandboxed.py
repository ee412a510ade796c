"""Tests that run programs for real need a sandbox; where none works they say so."""

import asyncio

import pytest

from redraft.tools.sandbox import SandboxUnusable, open_sandbox


@pytest.fixture(scope="session")
def sandbox_works() -> None:
    """Skip where no sandbox works on this machine."""

    async def try_it() -> None:
        await (await open_sandbox(1)).aclose()

    try:
        asyncio.run(try_it())
    except SandboxUnusable as error:
        pytest.skip(str(error))


def fenced(program: str) -> str:
    """A program as models give it."""
    return f"Here is the program:\n```python\n{program}\n```\nI hope it helps!"
