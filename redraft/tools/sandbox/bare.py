"""No sandbox at all: for a person who said so. Limits and the filter of system calls hold; the machine is in sight."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Sequence

from redraft.tools.sandbox.base import Limits, SandboxUnusable
from redraft.tools.sandbox.python import ENVIRONMENT, base_python, server_command
from redraft.tools.sandbox.worker import INSIDE, Started


class Bare:
    """Starts a process that reads and writes whatever this user may. One program each; verdicts are as honest."""

    name = "none"
    reusable = False

    def __init__(self, packages: Sequence[str] = ()) -> None:
        self._packages = packages

    async def start(self, limits: Limits) -> Started:
        """Raises SandboxUnusable."""
        folder = tempfile.TemporaryDirectory(prefix="redraft-")
        setup: dict[str, object] = {"folder": folder.name, "users": None, "own": False, "hide": True}
        try:
            process = subprocess.Popen(
                server_command(base_python(), str(INSIDE.parent), setup, self._packages),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env={**ENVIRONMENT, "HOME": folder.name, "TMPDIR": folder.name},
                process_group=0,
            )
        except OSError as error:
            folder.cleanup()
            raise SandboxUnusable(f"no process can be started: {error}") from error
        return Started(process, folder.cleanup)
