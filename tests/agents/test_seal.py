"""A code that follows from the judged text and does not stand in it."""

import re

from hypothesis import given
from hypothesis import strategies as st

from redraft.agents.seal import material, seal

VALUES = st.dictionaries(st.text(max_size=5), st.text() | st.lists(st.text(), max_size=3) | st.integers(), max_size=5)


@given(st.text(st.characters()) | st.text("0123456789", max_size=300))
def test_it_is_six_digits_or_more_that_the_text_does_not_hold(text: str) -> None:
    assert re.fullmatch(r"\d{6,78}", seal(text))
    assert seal(text) not in text


def test_a_text_that_holds_every_six_digits_gets_more() -> None:
    every_six = " ".join(f"{number:06d}" for number in range(1_000_000))
    assert len(seal("42")) == 6
    assert len(seal(every_six)) > 6


@given(VALUES)
def test_the_order_of_a_dictionary_decides_nothing(values: dict[str, object]) -> None:
    assert seal(material(values)) == seal(material(dict(reversed(values.items()))))


@given(st.text(), st.text())
def test_other_text_other_code_the_same_text_the_same(one: str, other: str) -> None:
    assert (material({"draft": one}) == material({"draft": other})) is (one == other)
    assert seal(one) == seal(one)
