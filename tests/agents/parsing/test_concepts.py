"""A list of concepts is read under its code, whole or not at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redraft.agents.parsing import parse_concepts, parse_concepts_json
from redraft.schema import Unparsed

CODE = "482913"


@pytest.mark.parametrize(
    "said",
    [
        "Concepts 482913:\n- It is Paris.\n- It is  old.\n- it is paris.",
        "Let me see.\n\n**Concepts 482913:**\n* It is Paris.\n\n* It is old.",
        "Concepts 482913:\n- draft\nNo, rather:\nConcepts 482913:\n- It is Paris.\n- It is old.",
    ],
)
def test_the_last_list_counts_each_concept_once(said: str) -> None:
    assert parse_concepts(said, CODE) == ("It is Paris.", "It is old.")


@pytest.mark.parametrize(
    "said",
    [
        "- It is Paris.",
        "Concepts 111111:\n- It is Paris.",
        "Concepts 482913:",
        "Concepts 482913:\n- It is Paris.\nDone.",
        "",
    ],
)
def test_no_list_and_half_a_list_are_none(said: str) -> None:
    assert isinstance(parse_concepts(said, CODE), Unparsed)


def test_json_is_a_list_of_texts_and_no_repetition() -> None:
    said = '{"concepts":["It is Paris.","It is old."]}'
    assert parse_concepts_json(said, "") == ("It is Paris.", "It is old.")
    assert isinstance(parse_concepts_json(said, f"I say {said}"), Unparsed)
    for other in ('{"concepts":[]}', '{"concepts":[1]}', '{"concepts":"x"}', '["x"]', '{"concepts":[" "]}'):
        assert isinstance(parse_concepts_json(other, ""), Unparsed)


@given(st.text(st.characters(exclude_characters="4")))
def test_no_concept_without_the_code(said: str) -> None:
    assert isinstance(parse_concepts(said, CODE), Unparsed)
