"""Sandboxes through sandlock: Landlock and seccomp, where no user namespace can be made, as in most containers.

Weaker than bubblewrap: the machine's processes and files are there, only forbidden. A worker runs one program.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from redraft.tools.sandbox.base import Limits, SandboxUnusable
from redraft.tools.sandbox.python import ENVIRONMENT, base_python, needed, server_command
from redraft.tools.sandbox.worker import INSIDE, Started

_LAUNCH = """
import json, sys
from sandlock import BranchAction, Sandbox
given = json.loads(sys.argv[1])
sandbox = Sandbox(clean_env=True, on_exit=BranchAction.ABORT, on_error=BranchAction.ABORT, **given["sandbox"])
sandbox.run_interactive(given["command"])
"""
_DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")


class Landlock:
    """Starts workers that Landlock and seccomp hold. What a program writes is a layer that is thrown away."""

    name = "sandlock"
    reusable = False

    def __init__(self, packages: Sequence[str] = ()) -> None:
        self._packages = packages

    @staticmethod
    def installed() -> bool:
        """Whether the package is there."""
        return importlib.util.find_spec("sandlock") is not None

    async def start(self, limits: Limits) -> Started:
        """Raises SandboxUnusable."""
        folder = tempfile.TemporaryDirectory(prefix="redraft-")
        work, layer = Path(folder.name, "work"), Path(folder.name, "layer")
        work.mkdir()
        layer.mkdir()
        python = base_python()
        setup: dict[str, object] = {"folder": str(work), "users": None, "own": False, "hide": False}
        readable = filter(os.path.exists, [*needed(python), *_DEVICES])
        sandbox = {
            "fs_readable": [*readable, str(INSIDE.parent), *self._packages],
            "fs_writable": ["/dev/null", str(work)],
            "workdir": str(work),
            "cwd": str(work),
            "fs_storage": str(layer),
            "max_disk": limits.disk,
            "max_processes": limits.processes + 2,  # The server and the tester count too.
            "env": {**ENVIRONMENT, "HOME": str(work), "TMPDIR": str(work)},
        }
        given = {"sandbox": sandbox, "command": server_command(python, str(INSIDE.parent), setup, self._packages)}
        try:
            process = subprocess.Popen(
                [sys.executable, "-c", _LAUNCH, json.dumps(given)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                process_group=0,
            )
        except OSError as error:
            folder.cleanup()
            raise SandboxUnusable(f"sandlock does not start: {error}") from error
        return Started(process, folder.cleanup)
