"""The wire between a test and a program: plain values arrive as they were, and what arrives is no more than that."""

from __future__ import annotations

import json
import socket
from collections import Counter, OrderedDict, deque, namedtuple
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redraft.tools.sandbox.inside.remote import Remote, number_of
from redraft.tools.sandbox.inside.wire import Gone, Wire

Point = namedtuple("Point", "x y")

atoms = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary()
    | st.complex_numbers(allow_nan=False)
    | st.decimals(allow_nan=False)
    | st.fractions()
    | st.dates()
    | st.times()
    | st.timedeltas()
    | st.sampled_from([range(3), len, int, json, json.dumps, 10**1500, -(10**1500), ...])
)
values = st.recursive(
    atoms,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text(max_size=3), inner, max_size=3)
        | st.frozensets(st.integers(), max_size=3)
        | st.sets(st.text(max_size=3), max_size=3)
    ),
    max_leaves=12,
)


@pytest.fixture
def wire() -> Iterator[Wire]:
    here, there = socket.socketpair()
    with here, there:
        yield Wire(here, Remote, number_of)


def test_a_set_keeps_the_order_of_the_other_side() -> None:
    literal, added = {12, 13, 14, 15, 16}, set(range(12, 17))
    assert list(literal) != list(added)
    for made in (literal, added, frozenset(added), set(literal), {"a", "b"}, set()):
        assert list(there_and_back(made)) == list(made)  # type: ignore[call-overload]


def there_and_back(value: object) -> object:
    here, there = socket.socketpair()
    with here, there:
        sender, receiver = Wire(here, Remote, number_of), Wire(there, Remote, number_of)
        sender.send([sender.pack(value)])
        return receiver.unpack(receiver.receive()[0])


@settings(max_examples=60, deadline=None)
@given(value=st.lists(values, max_size=6))
def test_plain_values_arrive_equal_and_of_the_same_type(value: list[object]) -> None:
    arrived = there_and_back(value)
    assert arrived == value
    assert same_types(arrived, value)


def same_types(one: object, other: object) -> bool:
    inner = zip(one, other, strict=True) if isinstance(one, list | tuple) and isinstance(other, list | tuple) else ()
    return type(one) is type(other) and all(same_types(a, b) for a, b in inner)


@pytest.mark.parametrize("value", [Counter("aab"), OrderedDict(a=1), deque([1, 2]), Point(1, 2), bytearray(b"x")])
def test_so_do_the_librarys_own_collections(value: object) -> None:
    arrived = there_and_back(value)
    assert arrived == value
    assert type(arrived).__name__ == type(value).__name__


def test_of_a_subclass_the_plain_value_arrives_without_what_the_class_makes_of_it() -> None:
    class Always(int):
        def __eq__(self, other: object) -> bool:
            return True

        __hash__ = int.__hash__

    assert there_and_back(Always(1)) == 1
    assert type(there_and_back(Always(1))) is int


@settings(max_examples=200, deadline=None)
@given(
    packed=st.recursive(
        st.none()
        | st.integers()
        | st.sampled_from(
            ["list", "dict", "known", "mine", "yours", "named", "bytes", "decimal", "int", "range", "builtins", "exec"]
        ),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=2), inner, max_size=2),
        max_leaves=10,
    )
)
def test_whatever_a_program_sends_is_a_value_or_the_end(packed: object) -> None:
    here, there = socket.socketpair()
    with here, there:
        wire = Wire(here, Remote, number_of)
        try:
            wire.unpack(packed)
        except Gone:
            assert wire.broken


@pytest.mark.parametrize(
    "packed",
    [
        ["known", "unittest.mock", "ANY"],
        ["known", "os.path", "sep"],
        ["known", "redraft", ""],
        ["known", "builtins", "__build_class__.__self__"],
        ["yours", 1],
        ["set", ["list"]],
        ["int", "zz"],
        ["named", "x y", ["a"]],
        ["no such tag"],
        [],
        {"a": 1},
    ],
)
def test_what_is_no_value_ends_the_conversation(wire: Wire, packed: object) -> None:
    with pytest.raises(Gone):
        wire.unpack(packed)
    assert wire.broken


@pytest.mark.parametrize("data", [b"", b"x", b"\x00" * 8, b"\xff" * 8, b"\x00" * 7 + b"\x01[", b"\x00" * 7 + b"\x02{}"])
def test_what_is_no_message_ends_it_too(data: bytes) -> None:
    here, there = socket.socketpair()
    with here:
        with there:
            there.sendall(data)
        wire = Wire(here, Remote, number_of)
        with pytest.raises(Gone):
            wire.receive()
        assert wire.broken
