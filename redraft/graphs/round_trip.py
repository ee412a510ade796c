"""Round-trip translation: put a buggy program in other words and back, and hope that the bug gets lost on the way.

Vallecillos Ruiz et al. (arXiv 2401.07994). Test -> there -> back -> test: the program goes into another programming
language or into English and back to its own, many times over, and the tests decide which candidate stands.

As the paper: nobody is told that the program is wrong, what it is for, or which test failed; one trip, no rounds; a
candidate that passes the tests is a plausible patch. English is the way by which its best model (GPT-4) repaired most.
Ours: the prompts, and Python (the paper's programs are Java); `n`, the temperature and one way back for each way there,
which the paper's summaries do not say (its replication package, 10.5281/zenodo.10500593, was not read); the way back is
told the name that the tests call, which words may lose. A program that passes its tests makes no trip. Where no
candidate passes all tests, the one that passes most stands if it passes more than the draft; among equals the first.
What loses the style of the code, as the paper warns, is not undone. Hidden tests are refused.

Calls per item: 1 + n with a draft given (of n samples, and one for each), + 1 where it is written here, + a run of the
tests for the draft and for each different candidate; the longest chain is 2 calls (3 where the draft is written).
Signal: tool.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, cast

from langgraph.graph import END, START
from pydantic import Field

from redraft.agents.parsing import parse_code, visible
from redraft.agents.values import TASK_BLANKS, ask
from redraft.graphs.graph import Graph
from redraft.graphs.method import Method, Roles, Settings
from redraft.graphs.revise import first_draft, gather
from redraft.graphs.sampling import score_all
from redraft.graphs.state import stopped_by
from redraft.graphs.trial import TrialState, begun, coder, honest_verifier, tried
from redraft.models.base import Sampling
from redraft.schema import Draft, Missing, Revision, StopReason, Verdict

ENGLISH = "English"


class Config(Settings):
    """`via` is the paper's; the numbers are ours."""

    via: Annotated[str, Field(min_length=1, max_length=40)] = ENGLISH
    """The language between: English, or a programming language such as Java."""
    n: Annotated[int, Field(ge=1)] = 10
    """Round trips."""
    generate_temperature: float = 0.0
    temperature: float = 0.8
    max_tokens: int = 1024


class RoundTripState(TrialState, total=False):
    """`words` is what the program became, one for each trip; `candidates` what came back."""

    words: list[str]
    candidates: list[Draft | Missing]


def build(roles: Roles, config: Config) -> Graph[RoundTripState]:
    """Test, there, back, choose."""
    first = Sampling(temperature=config.generate_temperature, max_tokens=config.max_tokens)
    sampling = Sampling(temperature=config.temperature, max_tokens=config.max_tokens)
    said = {"via": config.via, "code": config.via != ENGLISH}
    generator = roles.agent("generator", "generate", TASK_BLANKS, parse_code, first)
    outward = roles.agent("translator", "round-trip-there", frozenset({"draft", *said}), visible, sampling)
    blanks = frozenset({"words", "entry_point", *said})
    homeward = roles.agent("translator", "round-trip-back", blanks, parse_code, sampling)
    verifier = honest_verifier(roles)

    async def generate(state: RoundTripState) -> RoundTripState:
        task = state["task"]
        draft = await first_draft(task, "generate", lambda: coder(generator, task)(task=ask(task)))
        return cast(RoundTripState, begun(draft))

    async def test(state: RoundTripState) -> RoundTripState:
        verdict = await verifier.score(state["task"], state["trial"])
        return cast(RoundTripState, tried(state, [verdict], last=False))

    async def there(state: RoundTripState) -> RoundTripState:
        program = parse_code(state["final"].text, getattr(state["task"], "entry_point", None))
        if not isinstance(program, str):
            return {"stop": stopped_by(program)}
        texts = await outward.samples(config.n, draft=program, **said)
        words = [text for text in texts if isinstance(text, str)]
        return {"words": words} if words else {"stop": _why(texts)}

    async def back(state: RoundTripState) -> RoundTripState:
        task = state["task"]
        name = getattr(task, "entry_point", None)
        writer = coder(homeward, task)
        texts = await gather(writer(words=words, entry_point=name, **said) for words in state["words"])
        came = [Draft(text=text, node="back") if isinstance(text, str) else text for text in texts]
        drafts = [each for each in came if isinstance(each, Draft)]
        return {"candidates": came, "drafts": drafts} if drafts else {"candidates": came, "stop": _why(came)}

    async def choose(state: RoundTripState) -> RoundTripState:
        before, best, final, stop = state["final"], state["best"][0], state["final"], StopReason.REJECTED
        # Many trips end where they began or at the same place: what is the same is tested once.
        different = {each.text: each for each in state["candidates"] if isinstance(each, Draft)}
        different.pop(before.text, None)
        judged = await score_all(state["task"], [*different.values()], verifier)
        verdicts = dict(zip(different, judged, strict=True))
        for text, verdict in verdicts.items():
            if isinstance(verdict, Verdict) and verdict.score > best:
                best, final = verdict.score, different[text]
                stop = StopReason.SATISFIED if verdict.passed else StopReason.ACCEPTED
        if not different:
            stop = StopReason.UNCHANGED
        elif not any(isinstance(verdict, Verdict) for verdict in judged):
            stop = _why(judged)
        revisions = [
            Revision(before=before, after=after, verdicts=(verdicts[text],), accepted=after is final)
            for text, after in different.items()
        ]
        lost = [
            Revision(before=before, after=each, accepted=False)
            for each in state["candidates"]
            if not isinstance(each, Draft)
        ]
        return {"final": final, "best": [best], "revisions": [*revisions, *lost], "stop": stop}

    graph = Graph(RoundTripState)
    graph.nodes(generate, test, there, back, choose)
    graph.chain(START, "generate")
    graph.branch("generate", lambda state: "test" if "trial" in state else END, "test", END)
    graph.branch("test", lambda state: END if "stop" in state else "there", "there", END)
    graph.branch("there", lambda state: END if "stop" in state else "back", "back", END)
    graph.branch("back", lambda state: END if "stop" in state else "choose", "choose", END)
    graph.chain("choose", END)
    return graph


def _why(replies: Iterable[object]) -> StopReason:
    """Why the method ends where none of these came."""
    return next(stopped_by(each) for each in replies if isinstance(each, Missing))


METHOD = Method(
    name="round-trip",
    title="Round-trip translation",
    paper="Vallecillos Ruiz et al. 2024, arXiv 2401.07994",
    roles={
        "generator": "writes the program where no draft is given",
        "translator": "puts the program in other words, and those back into a program",
        "verifier": "runs the task's visible tests",
    },
    signal="tool",
    cost="1 + n for n trips with a draft given (one more without), + 1 + n runs of the tests",
    chain="3, + 2 runs",
    prompts=("generate", "round-trip-there", "round-trip-back"),
    config=Config,
    build=build,
    kinds=frozenset({"code"}),
    defaults={"verifier": "tests"},
)
