"""Sandboxes through sandlock: Landlock and seccomp, where no user namespace can be made, as in most containers.

Weaker than bubblewrap: the machine's processes and files are there, only forbidden. A worker runs one program.
"""

from __future__ import annotations

import asyncio
import importlib.util
import json
import sys
import tempfile

from redraft.tools.sandbox.base import SandboxUnusable
from redraft.tools.sandbox.bubblewrap import needed
from redraft.tools.sandbox.worker import INSIDE, LONGEST, server_command

_LAUNCH = """
import json, sys
from sandlock import Sandbox
given = json.loads(sys.argv[1])
sys.exit(Sandbox(**given["sandbox"]).run_interactive(given["command"]))
"""


class Landlock:
    """Starts workers that Landlock and seccomp hold."""

    name = "sandlock"
    reusable = False

    @staticmethod
    def installed() -> bool:
        """Whether the package is there."""
        return importlib.util.find_spec("sandlock") is not None

    async def start(self) -> asyncio.subprocess.Process:
        """Raises SandboxUnusable."""
        ...
