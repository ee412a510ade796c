"""The commands that tell rather than run."""

import json
from pathlib import Path

from redraft import METHODS
from tests.cli.conftest import Shell, sentences


def test_list_names_every_method_with_paper_roles_and_signal(shell: Shell) -> None:
    text = sentences(shell("list").stdout)
    listed = {row["name"]: row for row in json.loads(shell("list", "--json").stdout)}
    assert set(listed) == set(METHODS)
    for name, method in METHODS.items():
        assert name in text
        assert listed[name]["roles"] == dict(method.roles)
        assert listed[name]["paper"] == method.paper


def test_list_tells_all_of_one_method(shell: Shell) -> None:
    text = sentences(shell("list", "tear").stdout)
    for word in (*METHODS["tear"].roles, *METHODS["tear"].config.model_fields, METHODS["tear"].cost):
        assert word in text
    assert "there is no method 'taer'" in sentences(shell("list", "taer").stderr)


def test_graph_prints_mermaid_and_draws_pictures(shell: Shell, tmp_path: Path) -> None:
    text = shell("graph", "mqm-ape").stdout
    assert "evaluate" in text
    assert "apply" not in text
    assert "apply" in shell("graph", "mqm-ape", "--set", "apply=true").stdout
    assert shell("graph", "tear", "-o", "g.svg").returncode == 0
    assert (tmp_path / "g.svg").read_text().startswith("<svg")
    assert shell("graph", "tear", "-o", "g.png").returncode == 0
    assert (tmp_path / "g.png").read_bytes().startswith(b"\x89PNG")
    assert "--format png needs -o FILE" in shell("graph", "tear", "--format", "png").stderr


def test_models_lists_the_backends(shell: Shell) -> None:
    forms = {row["form"] for row in json.loads(shell("models", "--json").stdout)}
    assert {"local", "vllm:ID", "http://HOST:PORT/v1#NAME"} <= forms
    assert "http://HOST:PORT/v1#NAME" in shell("models").stdout


def test_models_says_that_a_server_is_not_there(shell: Shell) -> None:
    asked = shell("models", "http://localhost:9/v1#x")
    assert asked.returncode == 2
    assert "cannot be reached" in sentences(asked.stderr)


def test_prompts_are_printed_and_copied_out_once(shell: Shell, tmp_path: Path) -> None:
    texts = json.loads(shell("prompts", "tear", "--json").stdout)
    assert set(texts) == set(METHODS["tear"].prompts)
    assert shell("prompts", "tear", "--copy", "mine").returncode == 0
    assert (tmp_path / "mine" / "tear-refine.jinja").read_text() == texts["tear-refine"]
    again = shell("prompts", "tear", "--copy", "mine")
    assert (again.returncode, "already" in again.stderr) == (2, True)


def test_help_tells_every_command(shell: Shell) -> None:
    text = shell("--help").stdout
    for command in ("list", "run", "show", "verify", "graph", "models", "prompts"):
        assert command in text
