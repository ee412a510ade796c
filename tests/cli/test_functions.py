"""Functions on the command line: a file of Python that a method calls, and what is said where there is none."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

import redraft
from redraft import ToolCallTask
from redraft.models.base import ChatRequest
from redraft.models.recorded import Recorder
from redraft.models.scripted import Scripted
from tests.cli.conftest import Shell, sentences

pytest.importorskip("docstring_parser")
pytest.importorskip("jsonschema_rs")

CODE = 'def double(n: int) -> int:\n    """Twice as much."""\n    return 2 * n\n'
PARAMETERS = {"type": "object", "properties": {"n": {"type": "integer"}}}
ROW = {"request": "What is twice 21?", "functions": [{"name": "double", "parameters": PARAMETERS}]}


def reply(request: ChatRequest) -> str:
    system, user = request.messages[0].content, request.messages[-1].content
    if system.startswith("You plan"):
        return "Known.\nNext: conclusion." if "Observation: 42" in user else "Double it.\nNext: caller."
    return '[{"name": "double", "arguments": {"n": 21}}]' if "You write calls" in system else "42"


async def test_a_method_calls_the_functions_of_a_file(shell: Shell, rows: Callable[..., Path], tmp_path: Path) -> None:
    code, recording, out = tmp_path / "mine.py", tmp_path / "recording.jsonl", tmp_path / "out.jsonl"
    code.write_text(CODE)
    functions = f"python:{code}"
    async with redraft.workflow("alpha-umi", Recorder(Scripted(reply), recording), functions=functions) as flow:
        await flow.arun(ToolCallTask.model_validate(ROW))

    asked = ("run", "alpha-umi", "-i", rows(ROW), "-o", out, "--model", f"recorded:{recording}")
    ran = shell(*asked, "--role", "functions=python:mine.py")
    assert ran.returncode == 0, ran.stderr
    result = json.loads(out.read_text())["result"]
    assert (result["final"]["text"], result["stop"]) == ("42", "satisfied")

    for functions, said in (
        ([], "no functions are given"),
        (["--role", "functions=python:none.py"], "cannot be imported"),
        (["--role", "functions=local"], "names no functions"),
    ):
        refused = shell(*asked, "--restart", *functions)
        assert (refused.returncode, said in sentences(refused.stderr)) == (2, True), refused.stderr
