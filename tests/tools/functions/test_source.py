"""Functions by one string or as Python has them: from a file, a module, a server that is started when it is needed."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from redraft.errors import ConfigError
from redraft.schema import Failure, ToolCall
from redraft.tools.functions.catalogue import Catalogue, from_python
from redraft.tools.functions.run import Output
from redraft.tools.functions.source import AnyFunctions, open_functions
from tests.tools.functions.test_mcp import started

pytest.importorskip("docstring_parser")
pytest.importorskip("jsonschema_rs")

HERE = Path(__file__).parent
ROOT = ToolCall(name="root", arguments={"of": 9})


def root(of: float) -> float:
    """The square root."""
    return of**0.5


@pytest.mark.parametrize(
    "given",
    [f"python:{HERE / 'offered.py'}", [root], (root,), Catalogue([from_python(root)])],
    ids=["a file", "a list", "a tuple", "a catalogue"],
)
async def test_functions_are_given_in_one_of_these_ways(given: AnyFunctions) -> None:
    functions = open_functions(given)
    assert await functions.call(ROOT) == Output(value=3.0)
    await functions.aclose()
    await functions.aclose()


async def test_a_file_offers_its_own_public_functions_with_the_types_it_has() -> None:
    functions = open_functions(f"python:{HERE / 'offered.py'}")
    schemas = await functions.schemas()
    assert not isinstance(schemas, Failure)
    assert [each.name for each in schemas] == ["temperature", "root"]
    call = ToolCall(name="temperature", arguments={"place": {"city": "Bonn"}})
    assert await functions.call(call) == Output(value=9)


async def test_a_module_says_what_is_public(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "offered_by_name.py").write_text(
        "from math import prod\n__all__ = ['_one']\ndef _one() -> int: return 1\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    functions = open_functions("python:offered_by_name")
    assert await functions.call(ToolCall(name="_one")) == Output(value=1)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("1 / 0", "ZeroDivisionError"),
        ("raise SystemExit(3)", "SystemExit"),
        ("def f(:", "SyntaxError"),
        ("from math import sqrt", "no public function"),
        ("def f(*values): ...", "without a name"),
    ],
)
def test_a_file_that_cannot_be_used_is_said_so(code: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(code)
    with pytest.raises(ConfigError, match=said):
        open_functions(f"python:{tmp_path / 'mine.py'}")


@pytest.mark.parametrize(
    "spec", ["python:", "mcp:", "mcp:'open", "local", "http:", "python:no_such_module", "python:no.py"]
)
def test_a_string_that_names_none_is_said_so(spec: str) -> None:
    with pytest.raises(ConfigError):
        open_functions(spec)


def test_a_password_in_an_address_is_refused_since_addresses_are_kept_and_shown() -> None:
    with pytest.raises(ConfigError, match="no user and password") as refused:
        open_functions("http://me:sesame@localhost:1/mcp")
    assert "sesame" not in str(refused.value)


async def test_without_functions_that_is_the_answer() -> None:
    functions = open_functions(None)
    with pytest.raises(ConfigError, match="no functions are given"):
        await functions.connect()
    for answer in (await functions.schemas(), await functions.call(ROOT)):
        assert isinstance(answer, Failure)
        assert answer.cause == "no_functions"


async def test_a_server_is_started_once_for_all_and_again_after_it_died() -> None:
    pytest.importorskip("mcp")
    functions = open_functions(f"mcp:{sys.executable} {HERE / 'mcp_server.py'} stdio")
    add = ToolCall(name="add", arguments={"first": 1})
    try:
        assert await asyncio.gather(*(functions.call(add) for _ in range(5))) == [Output(value=2)] * 5
        died = await functions.call(ToolCall(name="die"))
        assert isinstance(died, Failure)
        assert died.cause == "server_gone"
        assert await functions.call(add) == Output(value=2)
    finally:
        await functions.aclose()


async def test_a_server_that_runs_is_named_by_its_address() -> None:
    pytest.importorskip("mcp")
    async with started("http") as address:
        assert isinstance(address, str)
        functions = open_functions(address)
        await functions.connect()
        assert await functions.call(ToolCall(name="add", arguments={"first": 1})) == Output(value=2)
        for call in (ToolCall(name="die"), ToolCall(name="add", arguments={"first": 1})):
            failed = await functions.call(call)
            assert isinstance(failed, Failure)
            assert failed.cause in ("server_gone", "refused", "no_functions")
        await functions.aclose()


async def test_a_server_that_cannot_be_started_fails_the_call() -> None:
    pytest.importorskip("mcp")
    functions = open_functions("mcp:no-such-command")
    failed = await functions.call(ROOT)
    assert isinstance(failed, Failure)
    assert failed.cause == "no_functions"
    assert "no-such-command" in failed.message
    await functions.aclose()
