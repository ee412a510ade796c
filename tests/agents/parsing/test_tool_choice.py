"""Which tool a reply names."""

import pytest

from redraft.agents.parsing.tool_choice import parse_tool_choice
from redraft.schema import Unparsed

NAMES = ("sort_words", "solve_crt")


@pytest.mark.parametrize(
    ("reply", "name"),
    [
        ("Tool: sort_words", "sort_words"),
        ("**Tool:** `sort_words`.", "sort_words"),
        ("It asks for an order.\n\nTool: sort_words\n", "sort_words"),
        ("<think>Tool: solve_crt?</think>Tool: sort_words", "sort_words"),
        ("solve_crt", "solve_crt"),
        ("`solve_crt`", "solve_crt"),
        ("Tool: none", "none"),
        ("None.", "none"),
        ("Tool: sort_words\nTool: sort_words", "sort_words"),
    ],
)
def test_a_name_is_read(reply: str, name: str) -> None:
    assert parse_tool_choice(reply, NAMES) == name


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        ("", "empty"),
        ("Tool: reverse_words", "no tool on offer"),
        ("Tool: sort_words\nTool: solve_crt", "several"),
        ("I would use sort_words for this.", "no tool on offer"),
        ("Tool: sort_words or solve_crt", "no tool on offer"),
    ],
)
def test_what_names_none_is_unparsed(reply: str, why: str) -> None:
    said = parse_tool_choice(reply, NAMES)
    assert isinstance(said, Unparsed)
    assert why in said.reason
