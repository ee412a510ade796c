"""Solutions in tags, and a teacher's correction of one."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redraft.agents.parsing.hierarchy import (
    Correction,
    Solution,
    parse_correction,
    parse_solution,
    write_solution,
)
from redraft.schema import Unparsed

PLAIN = st.text(st.characters(codec="utf-8", exclude_characters="<>\r"), min_size=1).map(str.strip).filter(bool)


def test_a_solution_is_its_steps_its_general_way_and_its_answer() -> None:
    text = "<Step1>a <Key>mind b</Key></Step1>\n<Step2>c</Step2><Generalized>d</Generalized><Answer>5</Answer>"
    assert parse_solution(text) == Solution(1, ("a <Key>mind b</Key>", "c"), "d", "5")


def test_tags_left_open_end_where_the_next_part_begins() -> None:
    assert parse_solution("<step 2>a\n<step 3>b\n<Answer>5</Answer>") == Solution(2, ("a", "b"), "", "5")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "The answer is 5.",
        "<Step1>a</Step1>",
        "<Step1>a</Step1><Answer> </Answer>",
        "<Step1></Step1><Answer>5</Answer>",
    ],
)
def test_without_steps_or_answer_there_is_no_solution(text: str) -> None:
    assert isinstance(parse_solution(text), Unparsed)


@settings(max_examples=60, deadline=None)
@given(st.lists(PLAIN, min_size=1, max_size=5), PLAIN, PLAIN)
def test_what_is_written_is_read_again(steps: list[str], generalized: str, answer: str) -> None:
    read = parse_solution(write_solution(steps, generalized, answer))
    assert isinstance(read, Solution)
    assert len(read.steps) == len(steps)


def test_the_last_error_counts_with_its_cause_and_correction() -> None:
    text = "<Error>none</Error> or rather <Error>Step 2</Error>\n<Cause>a < b</Cause><Correction>c</Correction>"
    assert parse_correction(text) == Correction(2, "a < b", "c")
    assert parse_correction(text + "\n<Error>None</Error>") == Correction(0)


@pytest.mark.parametrize(
    "text",
    [
        "No error.",
        "<Error>0</Error><Cause>a</Cause><Correction>b</Correction>",
        "<Error>2</Error>",
        "<Error>2</Error><Cause>a</Cause>",
        "<Error>2</Error><Cause> </Cause><Correction>b</Correction>",
        "<Error>some</Error>",
    ],
)
def test_anything_less_is_unparsed(text: str) -> None:
    assert isinstance(parse_correction(text), Unparsed)


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="<>/Ee ror12none Cauiprct\n", max_size=300))
def test_no_reply_is_too_odd(text: str) -> None:
    assert isinstance(parse_correction(text), Correction | Unparsed)
    assert isinstance(parse_solution(text), Solution | Unparsed)
