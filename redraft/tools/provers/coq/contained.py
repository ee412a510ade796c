"""Coq's programs, each in namespaces of its own: no network, no files but a folder of its own and Coq itself.

What is asked of them is in `idetop` and `final`. Rocq 9 has other names for the same programs.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from redraft.tools.provers.base import ProverMissing
from redraft.tools.sandbox.base import SandboxUnusable
from redraft.tools.sandbox.bubblewrap import enclosed, find_bubblewrap
from redraft.tools.sandbox.open import ADVICE

INSTALL = (
    "apt-get install --no-install-recommends coq libcoq-hammer libcoq-coquelicot coinor-csdp eprover z3 cvc4 (Debian)"
)
_NAMES = {
    "idetop": (("coqidetop.opt",), ("coqidetop",), ("rocqidetop.opt",), ("rocqidetop",)),
    "compile": (("coqc",), ("rocq", "compile")),
    "check": (("coqchk",), ("rocqchk",), ("rocq", "check")),
}
_LIBRARIES = ("/lib", "/lib64", "/usr", "/bin", "/etc/ld.so.cache", "/etc/alternatives", "/etc/ocamlfind.conf")
_HAMMER = "/usr/libexec/coq-hammer"
_LIMITED = 'ulimit -c 0; ulimit -v "$1"; ulimit -f "$2"; ulimit -t "$3"; shift 3; exec "$@"'


@dataclass(frozen=True, slots=True)
class Limits:
    """What a process may use: bytes of address space and of one file, seconds of processor time in all."""

    memory: int = 4 << 30
    file: int = 64 << 20
    cpu: int = 1_000_000


def program(what: str) -> list[str]:
    """The command for `what`: "idetop", "compile" or "check". Raises ProverMissing."""
    for name, *rest in _NAMES[what]:
        if found := shutil.which(name):
            return [found, *rest]
    raise ProverMissing(f"Coq is not installed, no {' or '.join(' '.join(each) for each in _NAMES[what])}: {INSTALL}")


class Process:
    """One contained process and its folder, which goes when it is closed. `folder` is /work inside."""

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
    files: dict[str, bytes] | None = None,
    output: IO[bytes] | None = None,
    unsafe: bool = False,
) -> Process:
    """Start `command` with `files` in its folder; its output goes to `output`, or else its pipes are the caller's.

    Raises SandboxUnusable where it cannot be contained, unless `unsafe`.
    """
    folder = tempfile.TemporaryDirectory(prefix="redraft-coq-", ignore_cleanup_errors=True)
    for name, content in (files or {}).items():
        Path(folder.name, name).write_bytes(content)
    limited = [_LIMITED, "sh", str(limits.memory // 1024), str(limits.file // 512), str(limits.cpu)]
    try:
        process = await asyncio.create_subprocess_exec(
            *("/bin/sh", "-c", *limited, *_kept_in(folder.name, unsafe), *command),
            cwd=folder.name,
            stdin=asyncio.subprocess.PIPE if output is None else asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE if output is None else output,
            stderr=asyncio.subprocess.DEVNULL if output is None else output,
            env=_environment(folder.name),
            process_group=0,
            limit=1 << 20,
        )
    except OSError as error:
        folder.cleanup()
        raise SandboxUnusable(f"no process can be started: {error}") from error
    return Process(process, folder)


def _environment(home: str) -> dict[str, str]:
    # CVC4 fails without a word where the hammer's own programs are not on the path.
    return {"PATH": f"{_HAMMER}:/usr/local/bin:/usr/bin:/bin", "HOME": home, "TMPDIR": home, "LANG": "C.UTF-8"}


def _kept_in(folder: str, unsafe: bool) -> list[str]:
    found = find_bubblewrap()
    if found is None:
        if unsafe:
            return []
        raise SandboxUnusable(f"bubblewrap is not installed, and proofs that a model wrote are not run bare: {ADVICE}")
    users = ["--unshare-user", "--uid", "1000", "--gid", "1000"]
    return [
        *enclosed(found, users, _environment("/work")),
        *(word for path in _LIBRARIES for word in ("--ro-bind-try", path, path)),
        *(word for name in ("null", "zero", "urandom") for word in ("--dev-bind", f"/dev/{name}", f"/dev/{name}")),
        *("--bind", folder, "/work", "--symlink", "/work", "/tmp", "--remount-ro", "/", "--chdir", "/work", "--"),
    ]
