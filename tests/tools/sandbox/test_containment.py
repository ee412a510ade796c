"""What hostile programs reach: nothing. Each is bounded in itself, so that a hole costs a failed test and no more."""

from __future__ import annotations

import asyncio
import os
import uuid
from pathlib import Path

import pytest

from redraft.tools.sandbox import Kind, Limits, Pool, Program, Report
from redraft.tools.sandbox.python import ENVIRONMENT

pytestmark = pytest.mark.asyncio(loop_scope="session")

LIMITS = Limits(cpu=5, wall=20, memory=256 << 20, processes=12, disk=4 << 20, output=100_000)


async def reached(pool: Pool, body: str, *, limits: Limits = LIMITS) -> Report:
    """Run `attack`, whose body returns what it reached: the test passes where that is something."""
    code = "import ctypes, os, signal, socket, sys, time\n\ndef attack():\n" + "\n".join(
        f"    {line}" for line in body.strip().split("\n")
    )
    return await pool.run(Program(code, ("assert attack()",)), limits)


REACHING = [
    "return open('/etc/passwd').read()",
    "return open('/etc/shadow').read()",
    "return os.listdir('/root')[:0] + os.listdir('/home')",
    "return os.listdir('/var')",
    "return open('/proc/1/environ').read()",
    "return open(f'/proc/{os.getppid()}/mem', 'wb')",
    "return os.listdir('/proc/self/fd')",
    "return os.listdir('/sys')",
    "return os.listdir('/dev/shm/..') and open('/dev/sda')",
    "open('/written', 'w').write('x'); return True",
    "open('/usr/lib/written', 'w').write('x'); return True",
    "open(os.__file__, 'a').write('x'); return True",
    "open(os.path.join(os.path.dirname(sys._getframe(1).f_code.co_filename), 'x.py'), 'w'); return True",
    "os.setuid(0); return os.getuid() == 0 and open('/etc/shadow')",
    "return ctypes.CDLL(None).mount(b'none', b'/work', b'tmpfs', 0, None) == 0",
    "return ctypes.CDLL(None).unshare(0x10000000) == 0",
    "return ctypes.CDLL(None).ptrace(16, os.getppid(), 0, 0) == 0",
    "return ctypes.CDLL(None).syscall(319, b'x', 0) >= 0",
    "return ctypes.CDLL(None).shmget(1, 4096, 0o1666) >= 0",
    "return ctypes.CDLL(None).syscall(248, b'user', b'x', b'y', 1, -2) >= 0",
    "return socket.socket(socket.AF_INET, socket.SOCK_DGRAM)",
    "return socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)",
    "os.mknod('device', 0o60666, 0x0801); return open('device', 'rb').read(1)",
    "import resource; resource.setrlimit(resource.RLIMIT_NPROC, (4096, 4096)); return True",
    "return os.system('id') == 0",
]


async def test_the_machine_is_out_of_reach(sandbox: Pool) -> None:
    code = "import ctypes, os, socket, sys\n" + "\n".join(f"def attack{n}(): {body}" for n, body in enumerate(REACHING))
    report = await sandbox.run(Program(code, tuple(f"assert attack{n}()" for n in range(len(REACHING)))), LIMITS)
    assert report.program.passed
    for body, outcome in zip(REACHING, report.tests, strict=True):
        assert outcome.kind in (Kind.EXCEPTION, Kind.FAILED), (body, outcome)


async def test_what_judges_is_out_of_reach(sandbox: Pool) -> None:
    if sandbox.name == "sandlock":
        pytest.skip("within its own sandbox a program may send signals; what comes of that is no pass, see below")
    report = await reached(sandbox, "os.kill(os.getppid(), signal.SIGSTOP); return True")
    if os.geteuid() == 0:
        assert report.tests[0].kind is Kind.EXCEPTION
    for other in ("-1", "os.getppid()", "os.getpid() + 1", "os.getpid() - 1"):
        assert (await reached(sandbox, f"return os.kill({other}, signal.SIGKILL)")).tests[0].kind is not Kind.PASSED


async def test_nothing_of_the_users_is_in_the_environment(sandbox: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_SECRET_OF_MINE", "secret")
    await sandbox.aclose()  # So that the worker starts with it.
    assert (await reached(sandbox, "return 'A_SECRET_OF_MINE' in os.environ")).tests[0].kind is Kind.FAILED
    known = {*ENVIRONMENT, "HOME", "LC_CTYPE", "PWD", "TMPDIR", "USER", "TERM"}
    assert (await reached(sandbox, f"return set(os.environ) - {known}")).tests[0].kind is Kind.FAILED


async def test_a_file_beside_is_neither_read_nor_written(sandbox: Pool, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    for folder in (tmp_path, secret):
        folder.chmod(0o777)
    for body in (
        f"return open({str(secret)!r}).read()",
        f"open({str(tmp_path / 'new')!r}, 'w'); return True",
        f"os.symlink({str(secret)!r}, 'link'); return open('link').read()",
        f"os.unlink({str(secret)!r}); return True",
        f"os.truncate({str(secret)!r}, 0); return True",
    ):
        assert not (await reached(sandbox, body)).passed, body
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]
    assert secret.read_text() == "secret"


async def test_no_connection_arrives(sandbox: Pool) -> None:
    arrived: list[object] = []

    def take(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        arrived.append(writer.get_extra_info("peername"))
        writer.close()

    abstract = f"\0redraft-{uuid.uuid4()}"
    open_port = await asyncio.start_server(take, "127.0.0.1", 0)
    named = await asyncio.start_unix_server(take, abstract)
    port = open_port.sockets[0].getsockname()[1]
    async with open_port, named:
        for body in (
            f"socket.create_connection(('127.0.0.1', {port}), 2); return True",
            f"s = socket.socket(); s.connect(('127.0.0.1', {port})); return True",
            f"s = socket.socket(socket.AF_INET6); s.connect(('::1', {port})); return True",
            f"s = socket.socket(socket.AF_UNIX); s.connect({abstract!r}); return True",
        ):
            report = await reached(sandbox, body)
            assert report.tests[0].kind is Kind.EXCEPTION, report
    assert arrived == []


async def test_processes_are_counted_and_ended(sandbox: Pool) -> None:
    body = """
begun = 0
try:
    for _ in range(200):
        if os.fork() == 0:
            time.sleep(60)
            os._exit(0)
        begun += 1
except OSError:
    pass
return begun > 12
"""
    assert (await reached(sandbox, body)).tests[0].kind is Kind.FAILED
    assert (await reached(sandbox, "return 'alive'")).passed


async def test_threads_count_as_processes(sandbox: Pool) -> None:
    if sandbox.name == "sandlock" and os.geteuid() == 0:
        pytest.skip("sandlock counts no threads, and no limit of the kernel's holds for root")
    body = """
import threading
begun = 0
try:
    for _ in range(100):
        threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
        begun += 1
except RuntimeError:
    pass
return begun > 12
"""
    assert (await reached(sandbox, body)).tests[0].kind is Kind.FAILED


async def test_the_disk_fills_up_at_its_limit(sandbox: Pool) -> None:
    one = "f = open('big', 'wb')\nfor _ in range(64): f.write(bytes(1 << 20)); f.flush()\nreturn True"
    many = "for n in range(64):\n    with open(str(n), 'wb') as f: f.write(bytes(1 << 20))\nreturn True"
    for body in (one, many):
        report = await reached(sandbox, body)
        assert report.tests[0].kind is Kind.EXCEPTION
        assert "OSError" in report.tests[0].detail
    assert (await reached(sandbox, "open('small', 'w').write('x'); return os.listdir('.') == ['small']")).passed


async def test_files_without_end_are_bounded_too(sandbox: Pool) -> None:
    if sandbox.name == "sandlock":
        pytest.skip("sandlock counts bytes and no files")
    report = await reached(sandbox, "for n in range(20_000): open(str(n), 'w').close()\nreturn True")
    assert report.tests[0].kind is Kind.EXCEPTION


async def test_memory_is_bounded(sandbox: Pool) -> None:
    for body in (
        "return bytearray(50 << 30)",
        "kept = []\nfor _ in range(64): kept.append(bytearray(b'x' * (8 << 20)))\nreturn True",
        "import mmap\nkept = [mmap.mmap(-1, 64 << 20) for _ in range(8)]\nreturn True",
        "return 'x' * (50 << 30)",
    ):
        report = await reached(sandbox, body)
        assert report.tests[0].kind in (Kind.OUT_OF_MEMORY, Kind.EXCEPTION), report


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
async def test_printing_without_end_is_cut(sandbox: Pool, stream: str) -> None:
    body = f"for _ in range(1000): sys.{stream}.write('x' * (1 << 20))\nreturn True"
    report = await reached(sandbox, body)
    assert report.tests[0].kind is Kind.TOO_MUCH_OUTPUT
    assert len(report.output) <= 4000
