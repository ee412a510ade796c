"""Equations as models write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redraft.agents.parsing.equations import parse_equations
from redraft.schema import Unparsed


@pytest.mark.parametrize(
    ("line", "equations"),
    [
        ("x + y = 12", ("x + y = 12",)),
        ("2x = 1,200,000", ("2x = 1200000",)),
        ("$x + $3.50 = $10", ("x + 3.50 = 10",)),
        ("t = 15% * p", ("t = (15/100) * p",)),
        ("a = b = 3", ("a = b", "b = 3")),
        (r"\frac{a}{2} \times b = 3", ("((a)/(2)) * b = 3",)),
        ("x² − 1 == 15.", ("x^2 - 1 = 15",)),
        ("2. x + 1 = 3", ("x + 1 = 3",)),
        ("**x + 1 = 3**", ("x + 1 = 3",)),
        ("x_{1} = 3  # the first", ("x_1 = 3",)),
        ("-x = 3", ("-x = 3",)),
        ("2.5 x = 5", ("2.5 x = 5",)),
        ("x = 3\nx = 3", ("x = 3",)),
        ("The system:\nx = 3\nx > 0\nx >= 1", ("x = 3",)),
    ],
)
def test_a_line_becomes_arithmetic(line: str, equations: tuple[str, ...]) -> None:
    assert parse_equations(f"Well:\n```\n{line}\n```") == equations


@pytest.mark.parametrize("line", ["x = ?", "x = 'a'", "x = ", "f(x, y) = 3", "x = [3]", "y = " + "9" * 400, "5"])
def test_a_system_with_a_line_that_is_no_equation_is_not_read(line: str) -> None:
    assert isinstance(parse_equations(f"```\n{line}\n```"), Unparsed)


def test_the_last_block_counts_and_without_one_the_fifth_step() -> None:
    steps = "1. Ask\n2. a = 4 is known\n5- The system of equations:\na + b = 10\na - b = 2"
    assert parse_equations(steps) == ("a + b = 10", "a - b = 2")
    assert parse_equations("```\na = 1\n```\nno:\n```\na = 2\n```") == ("a = 2",)
    assert parse_equations("5. ```\na = 1\n```\nThat is all.") == ("a = 1",)
    assert isinstance(parse_equations("a = 1, I think."), Unparsed)


@given(st.text() | st.text(alphabet="x=+-*/^(){}\\frac,.%$ \n`15"))
def test_whatever_is_read_is_two_sides_of_plain_arithmetic(text: str) -> None:
    equations = parse_equations(f"```\n{text}\n```")
    if not isinstance(equations, Unparsed):
        for equation in equations:
            assert equation.count(" = ") == 1
            assert not set(equation) & set("'\"[]{}\\;:,`\n")
