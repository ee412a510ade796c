"""An agent asks, reads, and notes what it cost; nothing a model does makes it raise."""

from redraft.agents.agent import Agent
from redraft.agents.ledger import ledger
from redraft.agents.parsing import parse_preference
from redraft.agents.prompt import Prompt
from redraft.models.base import Completion, Sampling
from redraft.models.errors import BadRequest
from redraft.schema import Failure, Unparsed
from tests.graphs.script import lines


def judge(*replies: object) -> Agent:
    prompt = Prompt.parse("test", "[user]\nWhich? {{ what }}")
    return Agent("judge", lines(*replies), prompt, parse_preference, Sampling(max_tokens=5))


async def test_a_reply_is_read() -> None:
    agent = judge("B")
    assert await agent(what="A or B") == "B"
    assert agent.model.requests[0].messages[0].content == "Which? A or B"


async def test_no_reply_one_cut_short_and_one_that_cannot_be_read_are_values() -> None:
    agent = judge(BadRequest("gone"), Completion("B", "length"), "Neither.")
    failure, cut, unread = [await agent(what="") for _ in range(3)]
    assert failure == Failure(cause="bad_request", message="gone")
    assert isinstance(cut, Unparsed)
    assert cut.reason == "cut off at 5 tokens"
    assert isinstance(unread, Unparsed)


async def test_samples_come_from_one_request_and_each_is_read() -> None:
    agent = judge("A", "Neither.", "B")
    with ledger() as calls:
        first, second, third = await agent.samples(3, what="")
    assert (first, third) == ("A", "B")
    assert isinstance(second, Unparsed)
    assert [request.sampling.n for request in agent.model.requests] == [3]
    (call,) = calls()
    assert (call.usage.calls, call.missing) == (1, (second,))


async def test_where_the_request_brings_nothing_every_sample_is_the_failure() -> None:
    agent = judge(BadRequest("gone"))
    with ledger() as calls:
        got = await agent.samples(3, what="")
    assert got == [Failure(cause="bad_request", message="gone")] * 3
    assert calls()[0].missing == (got[0],)
