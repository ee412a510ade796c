"""Functions that a model wrote, in a real sandbox: whatever they do is a value, and nothing of ours is in reach."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from redraft.schema import Failure, ToolCall

pytest.importorskip("docstring_parser")
pytest.importorskip("jsonschema_rs")

from redraft.errors import ConfigError
from redraft.tools.functions.catalogue import Catalogue
from redraft.tools.functions.made import defines, from_source, patient
from redraft.tools.functions.run import Bounds, Output
from redraft.tools.sandbox import Pool, Sandbox, SandboxUnusable, open_sandbox
from redraft.tools.sandbox.on_demand import OnDemand
from redraft.tools.sandbox.open import backends, trouble

pytestmark = pytest.mark.asyncio(loop_scope="session")
NAMES = ("bubblewrap", "sandlock")
WIDE = Bounds(20)


@pytest_asyncio.fixture(scope="session", loop_scope="session", params=NAMES)
async def sandbox(request: pytest.FixtureRequest) -> AsyncIterator[Pool]:
    """One backend after the other."""
    backend = next((each for each in backends() if each.name == request.param), None)
    if backend is None or (why := await trouble(backend)):
        pytest.skip(f"{request.param} is of no use here: {why if backend else 'it is not installed'}")
    pool = await open_sandbox(2, among=[backend])
    yield pool
    await pool.aclose()


async def called(
    sandbox: Sandbox, source: str, arguments: dict[str, object] | None = None, bounds: Bounds = WIDE
) -> Output | Failure:
    function = from_source(source, sandbox, bounds=bounds)
    call = ToolCall(name=function.schema.name, arguments=arguments or {})
    return await Catalogue([function], bounds).call(call)


async def body(sandbox: Sandbox, text: str, bounds: Bounds = WIDE) -> Output | Failure:
    lines = "\n".join(f"    {line}" for line in text.split("\n"))
    return await called(sandbox, f"def g():\n{lines}\n", bounds=bounds)


def cause(result: Output | Failure) -> str:
    assert isinstance(result, Failure), result
    return result.cause


async def test_a_call_brings_json_and_arguments_have_the_types_of_the_signature(sandbox: Pool) -> None:
    source = """from __future__ import annotations
import json
def tell(seen: set[int], pair: tuple[int, str], by: dict[int, str], n: float = 1.5, rest: list = list("ab")) -> dict:
    print("not the result")
    return {"seen": seen, "types": [type(each).__name__ for each in (seen, pair, by, n)], "by": by[1], "rest": rest}
"""
    given = {"seen": [3], "pair": [1, "x"], "by": {"1": "one"}}
    assert await called(sandbox, source, given) == Output(
        value={"seen": [3], "types": ["set", "tuple", "dict", "float"], "by": "one", "rest": ["a", "b"]}
    )


@pytest.mark.parametrize(
    ("value", "brought"),
    [("None", None), ("'ü€𝄞'", "ü€𝄞"), ("1 << 100", 1 << 100), ("[(1, 2), {'k': True}]", [[1, 2], {"k": True}])],
)
async def test_values_come_back_as_they_are(sandbox: Pool, value: str, brought: object) -> None:
    assert await body(sandbox, f"return {value}") == Output(value=brought)


async def test_arguments_that_do_not_fit_never_reach_it(sandbox: Pool) -> None:
    source = "def g(x: int): return x"
    assert cause(await called(sandbox, source, {"x": "many"})) == "ill_typed_argument"
    assert cause(await called(sandbox, source, {})) == "missing_argument"
    assert cause(await called(sandbox, source, {"x": 1, "y": 2})) == "unknown_argument"


async def test_what_it_raises_is_told_with_its_line(sandbox: Pool) -> None:
    told = await called(sandbox, "def g(x: int):\n    return 1 / x\n", {"x": 0})
    assert cause(told) == "raised"
    assert isinstance(told, Failure)
    assert told.message.startswith("g raised ZeroDivisionError: division by zero")
    assert "line 2" in told.message


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("import sys\nsys.exit(0)", "raised"),
        ("import os\nos._exit(0)", "raised"),
        ("import os\nos.kill(os.getpid(), 9)", "raised"),
        ("return g()", "raised"),
        ("return object()", "not_json"),
        ("return float('nan')", "not_json"),
        ("return {(1, 2): 3}", "not_json"),
        ("return '\\ud800'", "not_json"),
        ("a = []\na.append(a)\nreturn a", "not_json"),
        ("return 'x' * 100_000_000", "too_big"),
        ("return ['x'] * 1_000_000", "too_big"),
        ("return bytearray(3 << 30)", "out_of_memory"),
        (
            "import os\nfor fd in range(3, 64):\n    try: os.write(fd, b'7\\n')\n    except OSError: pass\nreturn 3",
            "any",
        ),
    ],
)
async def test_what_goes_wrong_inside_is_a_value(sandbox: Pool, text: str, wrong: str) -> None:
    result = await body(sandbox, text)
    assert isinstance(result, Failure) if wrong == "any" else cause(result) == wrong


@pytest.mark.parametrize(
    "text", ["while True: pass", "import time\ntime.sleep(60)", "import os\nos.kill(os.getpid(), 19)"]
)
async def test_one_that_hangs_is_stopped(sandbox: Pool, text: str) -> None:
    assert cause(await body(sandbox, text, Bounds(2))) == "timeout"


async def test_waiting_for_a_turn_is_not_held_against_it(sandbox: Pool) -> None:
    strict = Bounds(2)
    function = from_source("import time\ndef g():\n    time.sleep(0.8)\n    return 1\n", sandbox, bounds=strict)
    catalogue = Catalogue([function], patient(strict))
    calls = await asyncio.gather(*(catalogue.call(ToolCall(name="g")) for _ in range(6)))
    assert calls == [Output(value=1)] * 6


async def test_the_bounds_of_size_are_the_callers(sandbox: Pool) -> None:
    assert cause(await body(sandbox, "return 'xxxx'", Bounds(20, 5))) == "too_big"
    assert await body(sandbox, "return 'xxx'", Bounds(20, 5)) == Output(value="xxx")
    long = await body(sandbox, "return 'ü' * 900_000")
    assert long == Output(value="ü" * 900_000)


async def test_the_environment_holds_nothing_of_ours(sandbox: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDRAFT_SECRET", "a secret")
    seen = await body(sandbox, "import os\nreturn dict(os.environ)")
    assert isinstance(seen, Output)
    assert isinstance(seen.value, dict)
    assert seen.value.keys() <= {
        *("LANG", "LC_CTYPE", "PATH", "PYTHONHASHSEED", "OPENBLAS_NUM_THREADS", "HOME", "TMPDIR", "PWD")
    }
    assert seen.value["PATH"] == "/nowhere"


async def test_files_and_sockets_are_out_of_reach(sandbox: Pool, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("a secret")
    assert cause(await body(sandbox, f"return open({str(secret)!r}).read()")) == "raised"
    assert cause(await body(sandbox, f"return open({str(tmp_path / 'new')!r}, 'w').close()")) == "raised"
    assert [each.name for each in tmp_path.iterdir()] == ["secret"]
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        reach = f"import socket\nsocket.create_connection(('127.0.0.1', {port}), 2)\nreturn 1"
        assert cause(await body(sandbox, reach)) == "raised"


async def test_processes_that_it_starts_end_with_it(sandbox: Pool) -> None:
    forked = "import os\nos.fork()\nreturn 7"
    assert await body(sandbox, forked) == Output(value=7)
    many = "import os, time\nfor _ in range(64):\n    if not os.fork():\n        time.sleep(60)\nreturn 1"
    assert cause(await body(sandbox, many)) == "raised"
    assert await body(sandbox, "return 1") == Output(value=1)


async def test_nothing_stays_from_one_call_to_the_next(sandbox: Pool) -> None:
    source = """count = 0
def g():
    global count
    count += 1
    with open("kept", "a") as file:
        file.write("x")
    with open("kept") as file:
        return [count, file.read()]
"""
    function = from_source(source, sandbox)
    catalogue = Catalogue([function])
    assert [await catalogue.call(ToolCall(name="g")) for _ in range(2)] == [Output(value=[1, "x"])] * 2


async def test_a_source_that_does_not_load_is_told(sandbox: Pool) -> None:
    assert await defines("def f(): ...", sandbox) is None
    missing = await defines("import nothing_of_the_kind\ndef f(): ...", sandbox)
    assert missing is not None
    assert "ModuleNotFoundError" in missing.message
    hanging = await defines("while True: pass\ndef f(): ...", sandbox, Bounds(2))
    assert hanging is not None
    assert hanging.cause == "timeout"


async def test_a_signature_that_no_model_can_fill_in_is_refused() -> None:
    with pytest.raises(ConfigError, match="without a name"):
        from_source("def f(*args): ...", OnDemand())


async def test_without_a_sandbox_nothing_is_run() -> None:
    class Broken:
        name = "broken"

        async def run(self, program: object, limits: object = None) -> None:
            raise SandboxUnusable("none works here")

        async def aclose(self) -> None: ...

    assert cause(await body(Broken(), "return 1")) == "sandbox_unusable"
