"""A folder of made tools: versions that stay, whole files, and what is wrong with any of them."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from redraft.errors import ConfigError
from redraft.schema import Draft, Failure, Result, StopReason, ToolCall

pytest.importorskip("docstring_parser")
pytest.importorskip("jsonschema_rs")

from redraft.tools.functions.made_library import StoredTool, ToolLibrary
from redraft.tools.functions.run import Output
from redraft.tools.functions.source import open_functions
from redraft.tools.sandbox.on_demand import OnDemand
from tests.graphs.sandboxed import sandbox_works
from tests.tools.functions.made import SORTING, made_tool

__all__ = ["sandbox_works"]


def test_versions_are_kept_and_the_latest_is_offered(tmp_path: Path) -> None:
    library = ToolLibrary(tmp_path / "tools")
    first = library.add(made_tool())
    assert library.add(made_tool()) == first
    second = library.add(made_tool(SORTING.replace("sorted(words)", "sorted(words, key=str.lower)")))
    other = library.add(made_tool(SORTING.replace("sort_words", "alphabetise")))
    assert [(tool.name, tool.version) for tool in (first, second, other)] == [
        ("sort_words", 1),
        ("sort_words", 2),
        ("alphabetise", 1),
    ]
    assert library.versions("sort_words") == [first, second]
    assert library.versions("unheard_of") == []
    assert ToolLibrary(tmp_path / "tools").latest() == [other, second]
    assert sorted(path.name for path in library.folder.iterdir()) == [
        "alphabetise-v1.json",
        "sort_words-v1.json",
        "sort_words-v2.json",
    ]


def test_a_file_says_what_the_tool_is_and_where_it_came_from(tmp_path: Path) -> None:
    ToolLibrary(tmp_path).add(made_tool())
    told = json.loads((tmp_path / "sort_words-v1.json").read_text())
    assert told["source"] == SORTING
    assert told["function"]["description"] == "Sort words alphabetically."
    assert told["cases"][0]["call"]["arguments"] == {"words": ["b", "a"]}
    assert {key: told[key] for key in ("made_by", "method", "passed", "held_out", "version")} == {
        "made_by": "a model",
        "method": "latm-make",
        "passed": 1,
        "held_out": 1,
        "version": 1,
    }


def test_many_at_once_get_a_version_each(tmp_path: Path) -> None:
    sources = [SORTING + f"# {n}\n" for n in range(16)]
    with ThreadPoolExecutor(8) as threads:
        stored = list(threads.map(lambda source: ToolLibrary(tmp_path).add(made_tool(source)), sources))
    assert sorted(tool.version for tool in stored) == list(range(1, 17))
    assert {tool.source for tool in ToolLibrary(tmp_path).versions("sort_words")} == set(sources)
    assert not [path for path in tmp_path.iterdir() if path.suffix != ".json"]


@pytest.mark.usefixtures("sandbox_works")
async def test_the_tools_are_functions_in_the_sandbox(tmp_path: Path) -> None:
    library = ToolLibrary(tmp_path)
    library.add(made_tool())
    sandbox = OnDemand()
    catalogue = library.catalogue(sandbox)
    call = ToolCall(name="sort_words", arguments={"words": ["pear", "apple"]})
    assert await catalogue.call(call) == Output(value="apple pear")
    await sandbox.aclose()


@pytest.mark.usefixtures("sandbox_works")
async def test_a_workflow_gets_them_by_the_name_of_the_folder(tmp_path: Path) -> None:
    functions = open_functions(f"library:{tmp_path}")
    nothing = await functions.schemas()
    assert isinstance(nothing, Failure)
    assert "no tools in" in nothing.message
    ToolLibrary(tmp_path).add(made_tool())
    call = ToolCall(name="sort_words", arguments={"words": ["pear", "apple"]})
    assert await functions.call(call) == Output(value="apple pear")
    await functions.aclose()


def test_what_was_not_verified_is_not_stored(tmp_path: Path) -> None:
    library = ToolLibrary(tmp_path)
    with pytest.raises(ConfigError, match="0 of 1 held-out"):
        library.add(made_tool(passed=0))
    for final in (None, Draft(text="def f(): ...", node="propose"), Draft(text="5", node="solve", answer="5")):
        with pytest.raises(ConfigError, match="no verified tool; it ended as round_limit"):
            library.add(Result(final=final, stop=StopReason.ROUND_LIMIT))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["größer", "none", "a" * 65, "_f"])
def test_a_tool_is_called_so_that_a_file_can_be(name: str, tmp_path: Path) -> None:
    tool = made_tool()
    named = tool.model_copy(update={"function": tool.function.model_copy(update={"name": name})})
    with pytest.raises(ConfigError, match="cannot be called"):
        ToolLibrary(tmp_path).add(named)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("", "the file"),
        ("{}", "source: Field required"),
        (None, "holds version 2 of sort_words"),
    ],
)
def test_a_file_that_is_none_is_named(content: str | None, why: str, tmp_path: Path) -> None:
    library = ToolLibrary(tmp_path)
    if content is None:
        content = StoredTool(**made_tool().model_dump(), version=2).model_dump_json()
    (tmp_path / "sort_words-v1.json").write_text(content)
    (tmp_path / "README.md").write_text("not ours")
    with pytest.raises(ConfigError, match=rf"sort_words-v1\.json,? {why}"):
        library.latest()


def test_a_folder_that_is_none_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="cannot be a folder of tools"):
        ToolLibrary(tmp_path / "file").create()
    with pytest.raises(ConfigError, match="cannot be read"):
        ToolLibrary(tmp_path / "gone").latest()
    assert not (tmp_path / "gone").exists()
