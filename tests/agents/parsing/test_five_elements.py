"""LLMOPT's two forms: five elements, and a diagnosis."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redraft.agents.parsing.five_elements import ELEMENTS, Diagnosis, parse_diagnosis, parse_formulation
from redraft.schema import Unparsed

MODEL = "\n".join(f"## {name}:\nnone" for name in ELEMENTS)


@pytest.mark.parametrize("mark", ["## {}:", "**{}**", "{}:", "3. {}", "- {}"])
def test_a_model_has_all_five_elements(mark: str) -> None:
    text = "\n".join(f"{mark.format(name)} ..." for name in ELEMENTS)
    assert parse_formulation(text) == text
    assert parse_formulation(f"<think>hm</think>{text}") == text


@pytest.mark.parametrize("name", ELEMENTS)
def test_a_model_without_one_of_them_is_none(name: str) -> None:
    found = parse_formulation(MODEL.replace(name, "Something"))
    assert isinstance(found, Unparsed)
    assert found.reason == f"no {name}"


@pytest.mark.parametrize("five", [True, False])
@pytest.mark.parametrize("code", [True, False])
@pytest.mark.parametrize(
    "form",
    [
        "The five-element is {}.\nThe code is {}.\nAnalysis: The sign.",
        "```\nThe five-element is [{}].\n\nThe code is [{}].\n\nAnalysis:\nThe sign.\n```",
        "**The five-element is {}.** **The code is** {}\n**Analysis:** The sign.",
        "The five elements are {}; the code is {}. Analysis: The sign.",
    ],
)
def test_the_authors_form_is_read_loosely(form: str, five: bool, code: bool) -> None:
    assert parse_diagnosis(form.format(five, code)) == Diagnosis(five, code, "The sign.")


@pytest.mark.parametrize(
    "text",
    [
        "The five-element is True.\nAnalysis: fine",
        "The code is True.\nAnalysis: fine",
        "The five-element is [True or False].\nThe code is [True or False].",
        "The five-element is [True/False].\nThe code is [True/False].\nAnalysis: all well",
        "It prints 'The code is True'. The five-element is True. The code is False.",
        "All is well.",
        "The five-element is maybe. The code is Truest.",
    ],
)
def test_what_is_not_said_or_said_both_ways_is_unread(text: str) -> None:
    assert isinstance(parse_diagnosis(text), Unparsed)


@given(
    st.text() | st.lists(st.sampled_from(["The code is ", "True", "False", "five-element", "\n", "Sets"])).map("".join)
)
def test_no_text_raises(text: str) -> None:
    parse_formulation(text)
    parse_diagnosis(text)
