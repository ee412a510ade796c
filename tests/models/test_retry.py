"""What may succeed later is tried again, politely; what will not is not."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redraft.models.errors import (
    BadRequest,
    BudgetSpent,
    MalformedReply,
    ModelError,
    PromptTooLong,
    RateLimited,
    ServerFault,
    TimedOut,
    Unreachable,
    Unsupported,
)
from redraft.models.retry import Retrying
from redraft.models.scripted import Reply, Scripted
from tests.models.asking import ask

TRANSIENT = [Unreachable("x"), TimedOut("x"), RateLimited("x", 0), ServerFault("x"), MalformedReply("x")]
FINAL = [BadRequest("x"), PromptTooLong("x"), Unsupported("x"), BudgetSpent("x"), ModelError("x")]


def saying(replies: Iterable[Reply]) -> Scripted:
    turns = iter(replies)
    return Scripted(lambda request: next(turns))


async def test_transient_errors_are_tried_again() -> None:
    model = saying([*TRANSIENT, "at last"])
    response = await Retrying(model, attempts=6, first_wait=0).chat(ask())
    assert response.completions[0].text == "at last"
    assert len(model.requests) == 6


@pytest.mark.parametrize("error", FINAL, ids=lambda error: error.cause)
async def test_other_errors_are_not(error: ModelError) -> None:
    model = saying([error, "never said"])
    with pytest.raises(type(error)):
        await Retrying(model, first_wait=0).chat(ask())
    assert len(model.requests) == 1


async def test_the_last_error_is_raised_as_it_is() -> None:
    model = saying([ServerFault("first"), ServerFault("second"), ServerFault("third")])
    with pytest.raises(ServerFault, match="third"):
        await Retrying(model, attempts=3, first_wait=0).chat(ask())


@given(st.integers(2, 2000), st.floats(0, 10), st.floats(0, 100))
def test_a_wait_doubles_and_never_exceeds_the_longest(attempt: int, first: float, longest: float) -> None:
    wait = Retrying(saying([]), first_wait=first, longest_wait=longest).seconds_before(attempt, ServerFault("x"))
    whole = min(first * 2.0 ** min(attempt - 2, 60), longest)
    assert whole / 2 <= wait <= whole


def test_the_servers_own_wish_comes_first() -> None:
    retrying = Retrying(saying([]), longest_wait=60)
    assert retrying.seconds_before(2, RateLimited("x", 7)) == 7
    assert retrying.seconds_before(2, ServerFault("x", 0)) == 0
    assert retrying.seconds_before(2, RateLimited("x", 3600)) == 60
