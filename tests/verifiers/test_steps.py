"""Where the steps of a solution begin."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redraft.verifiers.steps import split_steps

MARKED = "Step 1: add 3 and 4.\nThat is 7.\n\nStep 2: double it.\nThe answer is 14."


def test_step_marks_come_first_and_each_step_keeps_its_lines():
    assert split_steps(MARKED) == (
        "Step 1: add 3 and 4.\nThat is 7.",
        "Step 2: double it.\nThe answer is 14.",
    )


@pytest.mark.parametrize("mark", ["Step {}:", "**Step {}:**", "### Step {}.", "STEP {} -", "- Step {}:"])
def test_however_they_are_dressed(mark):
    steps = tuple(f"{mark.format(number)} something {number}" for number in (1, 2, 3))
    assert split_steps("\n".join(steps)) == steps


def test_what_stands_before_the_first_mark_belongs_to_the_first_step():
    assert split_steps("Let us think.\nStep 1: a\nStep 2: b") == ("Let us think.\nStep 1: a", "Step 2: b")


def test_a_numbered_list_where_no_step_is_marked():
    assert split_steps("1. Add.\nIn 2019 it was\n2019. No item.\n2) Double.\n") == (
        "1. Add.\nIn 2019 it was\n2019. No item.",
        "2) Double.",
    )


def test_one_number_is_no_list():
    assert split_steps("1. Add.\nDouble.") == ("1. Add.", "Double.")


def test_a_decimal_number_is_no_item():
    assert split_steps("1.5 + 1.5\n2.5 + 2.5") == ("1.5 + 1.5", "2.5 + 2.5")


def test_otherwise_every_line_that_says_something():
    assert split_steps("a step\r\n\r\n  another \rlast") == ("a step", "another", "last")


def test_nothing_has_no_steps():
    assert split_steps(" \n\t\n") == ()


LINES = st.lists(
    st.sampled_from(["Step 1: a", "Step 2", "1. x", "2. y", "3) z", "", "  ", "text", "step 3 b"]) | st.text()
)


@settings(deadline=None, max_examples=200)
@given(LINES)
def test_nothing_is_lost_and_no_step_is_blank(lines):
    text = "\n".join(lines)
    steps = split_steps(text)
    assert all(step and step == step.strip() for step in steps)
    assert "".join("".join(steps).split()) == "".join(text.split())


@pytest.mark.parametrize(
    "text",
    [
        "Step 1: " * 100_000,
        "1. " * 300_000,
        "*" * 1_000_000,
        " " * 1_000_000,
        "step" + " " * 1_000_000,
        "\n" * 1_000_000,
    ],
)
def test_a_megabyte_is_read(text):
    assert "".join(split_steps(text)).replace(" ", "").replace("\n", "") == text.replace(" ", "").replace("\n", "")
