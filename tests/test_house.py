"""The house itself: rooms shown at the top, a small public surface, prompts in their place."""

import subprocess
import sys
from pathlib import Path

import pytest

import redraft
from redraft.engine.reading import read_items
from redraft.engine.records import Item
from redraft.verifiers.catalogue import KINDS

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize("room", ["agents", "graphs", "tools", "verifiers"])
def test_the_repository_shows_its_rooms_at_the_top(room: str) -> None:
    assert (ROOT / room).is_symlink()
    assert (ROOT / room).readlink() == Path("redraft") / room


def test_everything_public_exists_and_says_what_it_is() -> None:
    for name in redraft.__all__:
        thing = getattr(redraft, name)
        assert getattr(thing, "__doc__", None), name


def test_every_method_has_a_file_of_its_name() -> None:
    files = {path.stem for path in (ROOT / "redraft/graphs").glob("*.py") if "\nMETHOD = " in path.read_text()}
    assert files == {name.replace("-", "_") for name in redraft.METHODS}
    assert all(method.name == name for name, method in redraft.METHODS.items())


def test_a_run_loads_no_method_but_its_own() -> None:
    code = "import sys, redraft; redraft.METHODS['tear']; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert [name for name in redraft.METHODS if f"redraft.graphs.{name.replace('-', '_')}" in loaded] == ["tear"]


def test_every_prompt_file_belongs_to_a_method_or_a_verifier() -> None:
    files = {path.stem for path in (ROOT / "redraft/agents/prompts").iterdir()}
    assert files == {name for user in (*redraft.METHODS.values(), *KINDS) for name in user.prompts}


def test_the_docs_have_a_row_for_every_verifier() -> None:
    rows = [line for line in (ROOT / "docs/verifiers.md").read_text().split("\n") if line.startswith("| `")]
    kinds = (
        f"| `{kind.form}` | {kind.judges} | {kind.signal} | {kind.needs} | {kind.cost} | {kind.source} |"
        for kind in KINDS
    )
    assert sorted(rows) == sorted(kinds)


def test_no_file_is_longer_than_four_hundred_lines() -> None:
    files = [*ROOT.glob("redraft/**/*.py"), *ROOT.glob("tests/**/*.py")]
    long = {str(path.relative_to(ROOT)): n for path in files if (n := len(path.read_text().splitlines())) > 400}
    assert not long


def test_the_demos_translations_are_twenty_and_all_read() -> None:
    items = list(read_items(ROOT / "examples" / "translations.jsonl", frozenset({"translation"})))
    assert [type(item) for item in items] == [Item] * 20
