"""No sandbox at all: for a person who said so. Limits and the filter of system calls hold; nothing hides the machine."""

from __future__ import annotations

import asyncio
import shutil
import sys
import tempfile

from redraft.tools.sandbox.base import SandboxUnusable
from redraft.tools.sandbox.worker import INSIDE, LONGEST, server_command


class Bare:
    """Starts a process that reads and writes whatever this user may. One program each; verdicts are as honest."""

    name = "none"
    reusable = False

    async def start(self) -> asyncio.subprocess.Process:
        """Raises SandboxUnusable."""
        folder = tempfile.mkdtemp(prefix="redraft-")
        setup: dict[str, object] = {"folder": folder, "users": None, "own": False}
        try:
            process = await asyncio.create_subprocess_exec(
                *server_command(sys.executable, str(INSIDE.parent), setup),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                env={"HOME": folder, "TMPDIR": folder, "LANG": "C.UTF-8", "PYTHONHASHSEED": "0"},
                process_group=0,
                limit=LONGEST,
            )
        except OSError as error:
            shutil.rmtree(folder, ignore_errors=True)
            raise SandboxUnusable(f"no process can be started: {error}") from error
        return process
