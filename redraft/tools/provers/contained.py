"""A prover's programs, each in namespaces of its own: no network, no files but a folder of its own and what it needs.

Which programs those are, and what is asked of them, is in each prover's folder.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from redraft.tools.sandbox.base import SandboxUnusable
from redraft.tools.sandbox.bubblewrap import enclosed, find_bubblewrap
from redraft.tools.sandbox.open import ADVICE

_LIBRARIES = ("/lib", "/lib64", "/usr", "/bin", "/etc/ld.so.cache", "/etc/alternatives")
_INSIDE = "/redraft-proof"
"""A name that hides nothing a prover may need."""
_LIMITED = 'ulimit -c 0; ulimit -v "$1"; ulimit -f "$2"; ulimit -t "$3"; shift 3; exec "$@"'


@dataclass(frozen=True, slots=True)
class Limits:
    """What a process may use: bytes of address space and of one file, seconds of processor time in all."""

    memory: int = 4 << 30
    file: int = 64 << 20
    cpu: int = 1_000_000


class Process:
    """One contained process and its folder, which goes when it is closed. `folder` has another name inside."""

    def __init__(self, process: asyncio.subprocess.Process, folder: tempfile.TemporaryDirectory[str]) -> None:
        self._process, self._folder = process, folder
        self.folder = Path(folder.name)
        self.stdin, self.stdout = process.stdin, process.stdout
        self.pid = process.pid

    @property
    def alive(self) -> bool:
        return self._process.returncode is None

    def kill(self) -> None:
        """End it and all that it started, at once."""
        if self.alive:
            with contextlib.suppress(ProcessLookupError):  # It has just ended, and nobody has waited for it yet.
                os.killpg(self._process.pid, signal.SIGKILL)

    async def wait(self) -> int:
        """Its exit status, when it has ended."""
        return await self._process.wait()

    async def close(self) -> None:
        """End it, wait until it is gone, and remove its folder."""
        self.kill()
        await self._process.wait()
        if self.stdin is not None:
            self.stdin.close()
        await asyncio.to_thread(self._folder.cleanup)


async def start(
    command: Sequence[str],
    limits: Limits,
    *,
    files: Mapping[str, bytes] | None = None,
    output: IO[bytes] | None = None,
    readable: Sequence[str] = (),
    environment: Mapping[str, str] | None = None,
    mounts: Sequence[str] = (),
    unsafe: bool = False,
) -> Process:
    """Start `command` with `files` in its folder; its output goes to `output`, or else its pipes are the caller's.

    It may read what is `readable` beside the system's programs; of `environment`, `{work}` is its folder;
    `mounts` are more of bubblewrap's options. Raises SandboxUnusable where it cannot be contained, unless `unsafe`.
    """
    folder = tempfile.TemporaryDirectory(prefix="redraft-prover-", ignore_cleanup_errors=True)
    for name, content in (files or {}).items():
        Path(folder.name, name).write_bytes(content)
    limited = [_LIMITED, "sh", str(limits.memory // 1024), str(limits.file // 512), str(limits.cpu)]
    try:
        process = await asyncio.create_subprocess_exec(
            *("/bin/sh", "-c", *limited),
            *_kept_in(folder.name, readable, environment or {}, mounts, unsafe),
            *command,
            cwd=folder.name,
            stdin=asyncio.subprocess.PIPE if output is None else asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE if output is None else output,
            stderr=asyncio.subprocess.DEVNULL if output is None else output,
            env=_environment(folder.name, environment or {}),
            process_group=0,
            limit=1 << 20,
        )
    except OSError as error:
        folder.cleanup()
        raise SandboxUnusable(f"no process can be started: {error}") from error
    return Process(process, folder)


def _environment(home: str, more: Mapping[str, str]) -> dict[str, str]:
    basic = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": home, "TMPDIR": home, "LANG": "C.UTF-8"}
    return basic | {name: value.replace("{work}", home) for name, value in more.items()}


def _kept_in(
    folder: str, readable: Sequence[str], environment: Mapping[str, str], mounts: Sequence[str], unsafe: bool
) -> list[str]:
    found = find_bubblewrap()
    if found is None:
        if unsafe:
            return []
        raise SandboxUnusable(f"bubblewrap is not installed, and proofs that a model wrote are not run bare: {ADVICE}")
    users = ["--unshare-user", "--uid", "1000", "--gid", "1000"]
    # A program that is itself somewhere in /tmp leaves no place for the link.
    linked = [] if any(Path(path).is_relative_to("/tmp") for path in readable) else ["--symlink", _INSIDE, "/tmp"]
    return [
        *enclosed(found, users, _environment(_INSIDE, environment)),
        *(word for path in (*_LIBRARIES, *readable) for word in ("--ro-bind-try", path, path)),
        *(word for name in ("null", "zero", "urandom") for word in ("--dev-bind", f"/dev/{name}", f"/dev/{name}")),
        *("--bind", folder, _INSIDE, *linked, *mounts, "--remount-ro", "/", "--chdir", _INSIDE, "--"),
    ]
