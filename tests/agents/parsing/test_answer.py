"""The final answer of a reply: where it is found, and that it is never made up."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redraft.agents.parsing.answer import parse_answer
from redraft.agents.parsing.visible import mend
from redraft.schema import Unparsed


@pytest.mark.parametrize(
    ("reply", "answer"),
    [
        (r"So we get \boxed{\frac{1}{2}}.", r"\frac{1}{2}"),
        (r"\boxed{1}, no: \boxed{\{2, 3\}}", r"\{2, 3\}"),
        (r"The answer is 5, that is \boxed {6}", "6"),
        (r"\fbox{$x^2$}", "x^2"),
    ],
)
def test_the_last_box_with_its_braces_in_balance(reply, answer):
    assert parse_answer(reply) == answer


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (r"The answer is \boxed{1}, no: \boxed{2", "the last box is never closed"),
        (r"\boxed{\frac{1}{2}", "the last box is never closed"),
        (r"\boxed{2\}", "the last box is never closed"),
        (r"\boxed{ }", "the last box is empty"),
        ("I do not know.", "no answer is marked as such"),
        ("The answer is", "no answer is marked as such"),
        ("#### Step 1\nAdd the numbers", "no answer is marked as such"),
        ("#### 1. Find x\nIt is near.", "no answer is marked as such"),
        ("First find the answer\nto the other question", "no answer is marked as such"),
        ("<think>The answer is 5.</think>", "nothing after the reasoning"),
    ],
)
def test_no_answer_is_invented(reply, reason):
    assert parse_answer(reply) == Unparsed(raw=reply, reason=reason)


@pytest.mark.parametrize(
    ("reply", "answer"),
    [
        ("She sells 9 eggs.\n#### 18", "18"),
        ("#### -1,234.5\nQ: And the next?", "-1,234.5"),
        ("#### $5 per dozen", "$5 per dozen"),
        ("#### Answer: 5", "5"),
        ("That makes 18.\nA: 18", "18"),
    ],
)
def test_the_last_line_of_gsm8k(reply, answer):
    assert parse_answer(reply) == answer


@pytest.mark.parametrize(
    ("reply", "answer"),
    [
        ("The answer is 3.5.", "3.5"),
        ("The answer is 4. No wait, the answer is 5.", "5"),
        ("So the answer is (B).", "(B)"),
        ("So the answer is } ]", "} ]"),
        ("The final answer to the question is: **Paris**, which is in France.", "Paris"),
        ("The answer is 18 because 9 * 2 = 18.", "18"),
        ("The answer is 2.5. The box is full.", "2.5"),
        ("The correct answer would be $\\frac{1}{2}$.", r"\frac{1}{2}"),
        ("**Answer:** 5", "5"),
        ("**Answer**: `x + 1`", "x + 1"),
        ("**Answer:**5", "5"),
        ("Answer (in dollars) = 5", "5"),
        ("### Final Answer\n\n42", "42"),
        ("**Final Answer:**\n\\[ x = 3 \\]", "x = 3"),
        ("The answer is $x=2$ and $y=3$.", "$x=2$ and $y=3$"),
        ("<think>The answer is 3.</think>The answer is 4.<|im_end|>The answer is 5.", "4"),
    ],
)
def test_the_sentence_that_gives_the_answer(reply, answer):
    assert parse_answer(reply) == answer


@pytest.mark.parametrize(
    ("reply", "answer"),
    [
        ("Nine eggs are left.\nShe makes **$18** a day.", "$18"),
        ("42", "42"),
        (" $\\frac12$ ", r"\frac12"),
        ("(C)", "(C)"),
        ("12 apples.", "12 apples"),
    ],
)
def test_bold_words_at_the_end_or_nothing_but_an_answer(reply, answer):
    assert parse_answer(reply) == answer


PIECES = st.sampled_from(
    [*"{}\\$`5x.,- \n½", "\\boxed{", "The answer is ", "Answer:", "A: ", "#### ", "**", "\r\n", "<think>", "</think>"]
) | st.sampled_from(["because", "\ud800", "\0", "\u2028", "\\(", "\\)", "I hope", "1,000"])


@settings(deadline=None, max_examples=500)
@given(st.text(st.characters()) | st.lists(PIECES, max_size=25).map("".join))
def test_an_answer_is_a_piece_of_the_reply(text):
    answer = parse_answer(text)
    if isinstance(answer, Unparsed):
        assert answer.reason
    else:
        assert answer.strip() == answer != ""
        assert answer in mend(text).replace("\r\n", "\n").replace("\r", "\n")


@given(st.text(st.characters(exclude_categories=("Nd",), exclude_characters="aA\\#*$()"), min_size=4))
def test_text_without_a_mark_has_no_answer(text):
    assert isinstance(parse_answer(text), Unparsed)


MEGABYTE = 1_000_000


@pytest.mark.parametrize(
    "piece",
    [
        "\\boxed{",
        "{",
        "answer is ",
        "answer",
        "answer of ",
        "answer (",
        "#### ",
        "A:\n",
        "*",
        "$",
        " ",
        ". ",
        "1",
        "\\",
        "_ ",
    ],
)
def test_a_megabyte_takes_no_longer_than_it_must(piece):
    """Quadratic time would take hours, and the suite's time limit would end it."""
    answer = parse_answer("The answer is \\boxed{" + piece * (MEGABYTE // len(piece)))
    assert isinstance(answer, Unparsed)
    parse_answer("The answer is " + piece * (MEGABYTE // len(piece)) + "x")
