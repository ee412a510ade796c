"""Which sandbox works here, found out by trying it."""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path

from redraft.tools.sandbox.bare import Bare
from redraft.tools.sandbox.base import Kind, Limits, Program, Report, SandboxUnusable
from redraft.tools.sandbox.bubblewrap import Bubblewrap, find_bubblewrap
from redraft.tools.sandbox.landlock import Landlock
from redraft.tools.sandbox.pool import Pool
from redraft.tools.sandbox.worker import Backend

ADVICE = (
    "pip install 'redraft[sandbox]' on a Linux that lets you make user namespaces or has Landlock; "
    "only for programs that you trust like your own, pass unsafe=True or set REDRAFT_UNSAFE_PROGRAMS=yes"
)

_REACH = '''
import os, socket, time

def reach(secret, port):
    """What a sandboxed program must not be able to do, and did."""
    done = []
    try:
        done.append("read " + open(secret).read())
    except OSError:
        pass
    try:
        open(secret + ".new", "w").close()
        done.append("wrote a file")
    except OSError:
        pass
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
        done.append("reached the network")
    except OSError:
        pass
    try:
        for _ in range(40):
            if not os.fork():
                time.sleep(5)
                os._exit(0)
        done.append("started 40 processes")
    except OSError:
        pass
    return done
'''


def backends(packages: Sequence[str] = ()) -> list[Backend]:
    """Those that are installed, the best first: bubblewrap hides the machine, Landlock only forbids it."""
    program = find_bubblewrap()
    found: list[Backend] = [Bubblewrap(program, packages)] if program else []
    return [*found, *([Landlock(packages)] if Landlock.installed() else [])]


async def trouble(backend: Backend) -> str | None:
    """Why `backend` is of no use here, None where it is: a program runs in it, and reaches nothing that it must not."""
    pool = Pool(backend, size=1)
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        with tempfile.TemporaryDirectory() as folder:
            secret = Path(folder) / "secret"
            secret.write_text("a secret")
            Path(folder).chmod(0o777)
            secret.chmod(0o666)
            test = f"assert reach({json.dumps(str(secret))}, {port}) == []"
            report = await pool.run(Program(_REACH, (test,)), Limits(cpu=10, wall=20, processes=16))
    except SandboxUnusable as error:
        return str(error)
    finally:
        server.close()
        await pool.aclose()
    return None if report.passed else f"{backend.name}: {_first(report)}"


def _first(report: Report) -> str:
    outcome = next(each for each in (report.program, *report.tests) if each.kind is not Kind.PASSED)
    return " ".join(outcome.detail.split())[-300:]


async def open_sandbox(
    size: int | None = None,
    *,
    unsafe: bool = False,
    packages: Sequence[str] = (),
    among: Sequence[Backend] | None = None,
) -> Pool:
    """The best sandbox that works on this machine, of `size` programs at once.

    `packages` are folders that programs may import from, such as `own_packages()`; nothing is written there.
    Raises SandboxUnusable where none does, unless `unsafe`: then programs run as any of yours do.
    """
    troubles = []
    for backend in backends(packages) if among is None else among:
        why = await trouble(backend)
        if why is None:
            return Pool(backend, size)
        troubles.append(why)
    if unsafe:
        return Pool(Bare(packages), size)
    said = "; ".join(troubles) or "neither bubblewrap nor sandlock is installed"
    raise SandboxUnusable(f"no sandbox works here, so programs that a model wrote are not run ({said}): {ADVICE}")
