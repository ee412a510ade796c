"""Numbered lists: the entries as they were written, or nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redraft.agents.parsing.listing import parse_any_list, parse_list
from redraft.schema import Unparsed


@pytest.mark.parametrize(
    ("reply", "entries"),
    [
        ("1. Where?\n2. When?", ("Where?", "When?")),
        ("Here they are:\n\n1) Where?\n  2) When?\n\nThat is all.", ("Where?", "When?")),
        ("**1.** Where?\n**2.** When?", ("Where?", "When?")),
        ("Q1: Where?\nQuestion 2. When?", ("Where?", "When?")),
        ("1. Where?\n2. Where?", ("Where?",)),
        ("<think>1. No</think>\n1. Where?", ("Where?",)),
        ("10. Is 3.5 right?", ("Is 3.5 right?",)),
    ],
)
def test_entries_in_order_without_what_stands_around_them(reply: str, entries: tuple[str, ...]) -> None:
    assert parse_list(reply) == entries


@pytest.mark.parametrize("reply", ["", "Nothing to check.", "- Where?\n- When?", "1.", "3.5 is right", "1. ?"])
def test_what_is_no_numbered_list_is_unparsed(reply: str) -> None:
    assert isinstance(parse_list(reply), Unparsed)


@given(st.text())
def test_no_text_raises_and_every_entry_stands_in_the_reply(reply: str) -> None:
    entries = parse_list(reply)
    assert isinstance(entries, Unparsed) or all(entry in reply.replace("\r", "\n") for entry in entries)


@pytest.mark.parametrize("reply", ["NONE", "none.", "**None**", "<think>None? Yes.</think>\nNone!"])
def test_the_word_none_alone_is_a_list_without_entries_where_the_prompt_offers_it(reply: str) -> None:
    assert parse_any_list(reply) == ()
    assert isinstance(parse_list(reply), Unparsed)


@pytest.mark.parametrize("reply", ["", "There are none.", "None of it rhymes."])
def test_what_only_speaks_of_none_is_unparsed(reply: str) -> None:
    assert isinstance(parse_any_list(reply), Unparsed)


def test_a_list_that_offers_none_is_a_list() -> None:
    assert parse_any_list("1. None may be left out.") == ("None may be left out.",)
