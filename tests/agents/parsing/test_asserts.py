"""Tests that a model wrote, read strictly."""

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redraft.agents.parsing.asserts import LONGEST, PATIENCE, parse_asserts
from redraft.schema import Unparsed


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("assert f(1) == 2\nassert f(2) == 4", ("assert f(1) == 2", "assert f(2) == 4")),
        ("Tests:\n```python\nassert f(1) == 2\n```", ("assert f(1) == 2",)),
        ("1. `assert f(1) == 2`\n2. `assert f(2) == 4`", ("assert f(1) == 2", "assert f(2) == 4")),
        ("- assert f(1) == 2", ("assert f(1) == 2",)),
        ("    assert f(1) == 2  # the usual case", ("assert f(1) == 2  # the usual case",)),
        ("assert f(\n    1,\n) == 2\nassert f(2) == 4", ("assert f(\n    1,\n) == 2", "assert f(2) == 4")),
        ("assert f('assert g(1)') == 2", ("assert f('assert g(1)') == 2",)),
        ("assert Solution().f(1) == 2", ("assert Solution().f(1) == 2",)),
        ("assert f(1) == 2\nassert f(1) == 2", ("assert f(1) == 2",)),
        ("<think>assert f(9) == 9</think>assert f(1) == 2", ("assert f(1) == 2",)),
    ],
)
def test_assertions_as_models_write_them(text: str, found: tuple[str, ...]) -> None:
    assert parse_asserts(text, "f") == found


@pytest.mark.parametrize(
    "text",
    [
        "",
        "I assert f(1) == 2.",
        "assert True",
        "assert f(1) ==",
        "assert f(1) == 2; import os",
        "assert g(1) == 2",
        "assert f",
        "f(1) == 2",
        "asserting f(1)",
        "<think>assert f(1) == 2",
        "assert f(" + "1" * LONGEST + ") == 2",
    ],
)
def test_what_tests_nothing_is_no_test(text: str) -> None:
    assert isinstance(parse_asserts(text, "f"), Unparsed)


def test_without_an_entry_point_anything_may_be_called() -> None:
    assert parse_asserts("assert g(1) == 2\nassert 1 == 1") == ("assert g(1) == 2",)


def test_a_reply_of_very_many_assertions_is_not_read_to_its_end() -> None:
    assert parse_asserts("assert f(\n" * 50_000, "f") != ()
    found = parse_asserts("\n".join(f"assert f({n})" for n in range(5_000)), "f")
    assert len(found) == PATIENCE


@given(
    st.lists(st.sampled_from(["assert ", "f(", "1", ")", " == ", "\n", "'", "- ", "`", "\\", "f'{", "\0", "-" * 900]))
)
def test_each_is_one_assertion_that_calls_the_function(pieces: list[str]) -> None:
    found = parse_asserts("".join(pieces), "f")
    for test in () if isinstance(found, Unparsed) else found:
        (statement,) = ast.parse(test).body
        assert isinstance(statement, ast.Assert)
        assert "f(" in test
