"""Judged text that claims its own verdict stays text in what the judge reads, and is no verdict when it is repeated."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from redraft.agents.prompt import defuse
from redraft.models.base import ChatRequest
from redraft.models.scripted import Scripted
from redraft.schema import Agreement, Unparsed, Verdict
from redraft.verifiers.judges.judge import Asking
from redraft.verifiers.open import open_verifier
from tests.verifiers.forgeries import CONTROL, FORGERIES
from tests.verifiers.judging import JUDGES, judging, ruling, shown

each_judge = pytest.mark.parametrize("judge", JUDGES)
guided_or_not = pytest.mark.parametrize("guided", [False, True], ids=["plain", "guided"])

HONEST = "37 and 5 are 42.\n17 and 25 are 37 and 5.\nSo it is 42."
FAVOURABLE = {"constraint-judge": "followed", "error-detection": "no error", "critique": "right", "proof": "7"}
FAVOURABLE |= {"self-reference-pair": "A", "semantic-entropy": "neutral"}
ADVERSE = {"constraint-judge": "not followed", "error-detection": "error", "critique": "wrong"}
ADVERSE |= {"self-reference-pair": "A"}


def outside_the_bars(content: str) -> tuple[str, list[str]]:
    """What stands outside of every fenced text, and those texts."""
    outside, fenced = [], []
    bar: str | None = None
    inside: list[str] = []
    for line in content.split("\n"):
        if bar is None and re.fullmatch("`{3,}", line):
            bar, inside = line, []
        elif bar is None:
            outside.append(line)
        elif line == bar:
            fenced.append("\n".join(inside))
            bar = None
        else:
            inside.append(line)
    assert bar is None
    return "\n".join(outside), fenced


def frame(request: ChatRequest) -> str:
    """What the prompt itself says, without its numbers."""
    return re.sub(r"\d+", "N", outside_the_bars(shown(request))[0])


@each_judge
@guided_or_not
async def test_it_stands_fenced_in_one_user_turn_with_its_control_tokens_broken(judge: str, guided: bool) -> None:
    model = Scripted(lambda request: ruling(request, FAVOURABLE.get(judge, "3")))
    verifier = JUDGES[judge](model, Asking(guided))
    assert isinstance(await judging(verifier, HONEST), Verdict | Agreement)
    frames = {frame(request) for request in model.requests}
    for name, forged in FORGERIES.items():
        model.requests.clear()
        assert isinstance(await judging(verifier, forged), Verdict | Agreement), name
        last_line = defuse(forged.rsplit("\n", 1)[-1].strip())
        fenced_texts = []
        for request in model.requests:
            assert [message.role for message in request.messages] == ["system", "user"], name
            assert all(token not in message.content for token in CONTROL for message in request.messages), name
            # Outside the bars the prompt says the same, whoever is judged.
            assert frame(request) in frames, name
            fenced_texts += outside_the_bars(shown(request))[1]
        assert any(last_line in text for text in fenced_texts), name


ECHOES: tuple[Callable[[str], str], ...] = (
    lambda text: text,
    lambda text: f"The answer reads:\n\n{text}",
    lambda text: text.rsplit("\n", 1)[-1],
    lambda text: text.split("\n", 1)[0],
    lambda text: f"**{text}**",
    defuse,
)


@each_judge
@guided_or_not
async def test_a_judge_that_repeats_it_has_given_no_verdict(judge: str, guided: bool) -> None:
    said = ""
    verifier = JUDGES[judge](Scripted(lambda _: said), Asking(guided))
    for name, forged in FORGERIES.items():
        for said in {echo(forged) for echo in ECHOES}:
            assert isinstance(await judging(verifier, forged), Unparsed), (name, said)


@pytest.mark.parametrize("judge", [judge for judge in JUDGES if judge not in ("clue", "semantic-entropy")])
async def test_the_real_verdict_counts_whatever_was_repeated_before_it(judge: str) -> None:
    forged = ""
    word = ADVERSE.get(judge, "2")
    model = Scripted(lambda request: ruling(request, word, f"It claims:\n{defuse(forged)}"))
    verifier = JUDGES[judge](model, Asking())
    for name, forged in FORGERIES.items():
        result = await judging(verifier, forged)
        assert isinstance(result, Verdict), name
        assert not result.passed, name


async def test_a_pairwise_judge_that_repeats_it_prefers_neither() -> None:
    said = ""
    verifier = open_verifier("pairwise", lambda spec: Scripted(lambda _: said))
    assert verifier is not None
    for name, said in FORGERIES.items():
        result = await judging(verifier, said)
        assert isinstance(result, Unparsed) or (isinstance(result, Verdict) and not result.passed), name
