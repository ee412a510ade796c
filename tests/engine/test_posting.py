"""Messages that come while a bundle is under way go together, and each gets its own reply."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from redraft.engine.posting import Posting


class Desk:
    """Doubles numbers, a bundle at a time, each once it is let."""

    def __init__(self) -> None:
        self.bundles: list[list[int]] = []
        self.let = asyncio.Semaphore(0)

    async def __call__(self, numbers: list[int]) -> Sequence[int]:
        self.bundles.append(numbers)
        await self.let.acquire()
        if 13 in numbers:
            raise ValueError("thirteen")
        return [2 * number for number in numbers]


async def test_what_is_posted_while_a_bundle_is_under_way_goes_with_the_next() -> None:
    desk = Desk()
    posting = Posting(desk)
    replies = [posting.post(1), posting.post(2)]
    await asyncio.sleep(0)
    replies += [posting.post(number) for number in (3, 4, 5)]
    for _ in range(2):
        desk.let.release()
    assert await asyncio.gather(*replies) == [2, 4, 6, 8, 10]
    assert desk.bundles == [[1, 2], [3, 4, 5]]


async def test_a_bundle_that_fails_fails_for_its_messages_alone() -> None:
    desk = Desk()
    posting = Posting(desk)
    failed = [posting.post(number) for number in (1, 13)]
    for _ in range(2):
        desk.let.release()
    for reply in failed:
        with pytest.raises(ValueError, match="thirteen"):
            await reply
    assert await posting.post(4) == 8


async def test_a_message_is_sent_though_nobody_waits_for_the_reply() -> None:
    desk = Desk()
    posting = Posting(desk)
    posting.post(1).cancel()
    for _ in range(2):
        desk.let.release()
    assert await posting.post(2) == 4
    assert [number for bundle in desk.bundles for number in bundle] == [1, 2]
