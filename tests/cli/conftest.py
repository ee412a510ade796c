"""The command line as a person types it, over a recording made by the test itself."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Shell = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """Run `redraft ARGUMENTS` in a folder and with a cache of its own."""
    import os

    environment = {**os.environ, "REDRAFT_CACHE": str(tmp_path / "cache"), "COLUMNS": "200", "NO_COLOR": "1"}

    def run(*arguments: object, input: str | None = None) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", "from redraft.cli import main; main()", *map(str, arguments)]
        return subprocess.run(
            command,
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            input=input,
            check=False,
        )

    return run


@pytest.fixture
def rows(tmp_path: Path) -> Callable[..., Path]:
    """Write rows to `in.jsonl`."""

    def write(*values: object) -> Path:
        path = tmp_path / "in.jsonl"
        path.write_text("".join((v if isinstance(v, str) else json.dumps(v)) + "\n" for v in values))
        return path

    return write


def sentences(text: str) -> str:
    """Folded white space, since the terminal wraps."""
    return re.sub(r"\s+", " ", text)
