"""COMET's verifier over its real protocol and real processes, with a worker that needs no weights."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from redraft.errors import ConfigError
from redraft.schema import Draft, Failure, QuestionTask, TranslationTask, Verdict
from redraft.verifiers.base import Verifier
from redraft.verifiers.comet import WORKER, Comet

LETTERS = Path(__file__).with_name("letters_worker.py")
TASK = TranslationTask(source="Guten Tag", source_lang="de", target_lang="en")


def letters(model: str = "good", **options: float | int) -> Comet:
    return Comet(model, command=[sys.executable, "-I", str(LETTERS), str(WORKER), model], **options)


def draft(text: str) -> Draft:
    return Draft(text=text, node="test")


@pytest.fixture
async def comet() -> AsyncIterator[Comet]:
    comet = letters(batch_size=4)
    yield comet
    await comet.aclose()


async def scores(comet: Comet, *texts: str) -> list[float | str]:
    """The score of each text, or the cause of there being none."""
    verdicts = await asyncio.gather(*(comet.score(TASK, draft(text)) for text in texts))
    return [verdict.score if isinstance(verdict, Verdict) else verdict.cause for verdict in verdicts]


async def test_a_score_is_a_verdict_from_a_tool(comet: Comet) -> None:
    verdict = await comet.score(TASK, draft("Good day"))
    assert isinstance(comet, Verifier)
    assert verdict == Verdict(
        verifier="comet:good", signal="tool", score=0.08, passed=True, evidence="0.0800 by comet:good (letters 1.0)"
    )


async def test_every_row_gets_its_own_score_however_many_there_are(comet: Comet) -> None:
    assert await scores(comet, *("x" * n for n in range(1, 41))) == [n / 100 for n in range(1, 41)]


async def test_rows_that_come_in_together_are_scored_together_up_to_a_batch(comet: Comet) -> None:
    assert await scores(comet, *["together"] * 6) == [4, 4, 4, 4, 2, 2]


async def test_a_draft_passes_from_the_threshold_on() -> None:
    comet = letters(threshold=0.05)
    verdicts = [await comet.score(TASK, draft("x" * n)) for n in (4, 5)]
    await comet.aclose()
    assert [verdict.passed for verdict in verdicts if isinstance(verdict, Verdict)] == [False, True]


async def test_a_row_that_cannot_be_scored_costs_no_other(comet: Comet) -> None:
    assert await scores(comet, "one", "raise", "three") == [0.03, "not_scored", 0.05]
    failure = await comet.score(TASK, draft("raise"))
    assert failure == Failure(cause="not_scored", message="ValueError: no such letter")


async def test_a_score_that_is_no_number_is_a_failure(comet: Comet) -> None:
    assert await scores(comet, "nan", "fine") == ["not_scored", 0.04]


async def test_what_a_library_prints_does_not_break_the_protocol(comet: Comet) -> None:
    assert await scores(comet, "chatter", "after") == [0.07, 0.05]


async def test_text_arrives_as_it_was_sent(comet: Comet) -> None:
    assert await scores(comet, "два\nслова", "\u2028", "\ud800x") == [0.09, "empty_draft", 0.02]


async def test_only_translations_are_judged_and_only_those_that_say_something(comet: Comet) -> None:
    other = await comet.score(QuestionTask(question="Why?"), draft("Because."))
    assert isinstance(other, Failure)
    assert other.cause == "wrong_task"
    assert await scores(comet, "", " \n") == ["empty_draft", "empty_draft"]
    assert comet.pid is None, "neither needs a model"


async def test_a_killed_worker_costs_one_batch_and_is_started_again(comet: Comet) -> None:
    assert await scores(comet, "before") == [0.06]
    assert comet.pid is not None
    os.kill(comet.pid, signal.SIGKILL)
    failure = await comet.score(TASK, draft("lost"))
    assert failure == Failure(cause="worker_died", message="the COMET worker was ended by signal 9")
    assert await scores(comet, "again") == [0.05]


async def test_a_worker_that_dies_at_work_fails_all_it_was_given(comet: Comet) -> None:
    await scores(comet, "before")
    assert await scores(comet, "one", "die", "three") == ["worker_died"] * 3


async def test_a_worker_that_dies_before_it_answers_anything_is_not_started_again(comet: Comet) -> None:
    assert await scores(comet, "die") == ["worker_died"]
    assert await scores(comet, "fine") == ["worker_died"]
    assert comet.pid is None


async def test_a_worker_that_does_not_answer_is_ended() -> None:
    comet = letters(timeout=0.5)
    assert await scores(comet, "hang") == ["timed_out"]
    await comet.aclose()


@pytest.mark.parametrize(
    ("model", "cause", "message"),
    [
        ("unreadable", "load_failed", "comet:unreadable cannot be loaded: OSError: no such weights.*comet:PATH"),
        ("dies", "worker_died", "the COMET worker ended with status 1: out of memory"),
        ("garbles", "malformed_reply", "'this is not JSON"),
        ("hangs", "timed_out", "did not answer in time"),
    ],
)
async def test_a_model_that_does_not_load_is_said_once_and_clearly(model: str, cause: str, message: str) -> None:
    comet = letters(model, load_timeout=1 if model == "hangs" else 60)
    with pytest.raises(ConfigError, match=message):
        await comet.connect()
    assert await scores(comet, "one", "two") == [cause, cause]
    await comet.aclose()


async def test_a_worker_that_is_not_there_is_a_failure() -> None:
    comet = Comet("any", command=["/nowhere/python"])
    assert await scores(comet, "one") == ["worker_died"]
    await comet.aclose()


async def test_without_room_for_an_environment_nothing_is_scored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("REDRAFT_CACHE", str(tmp_path / "file"))
    comet = Comet()
    with pytest.raises(ConfigError, match="no environment for COMET can be made"):
        await comet.connect()
    assert await scores(comet, "one") == ["not_installed"]
    await comet.aclose()


async def test_closing_fails_what_waits_and_ends_the_process(comet: Comet) -> None:
    await comet.connect()
    pid = comet.pid
    assert pid is not None
    waiting = [asyncio.create_task(comet.score(TASK, draft(text))) for text in ("hang", *"xxxxx")]
    await asyncio.sleep(0)
    await comet.aclose()
    failures = await asyncio.gather(*waiting)
    assert [failure.cause for failure in failures if isinstance(failure, Failure)] == ["closed"] * 6
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    await comet.aclose()
    assert await scores(comet, "anew") == [0.04]


async def test_a_caller_who_gives_up_costs_no_one_else(comet: Comet) -> None:
    tasks = [asyncio.create_task(comet.score(TASK, draft(text))) for text in ("one", "three", "seven")]
    await asyncio.sleep(0)
    tasks[1].cancel()
    first, given_up, last = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(given_up, asyncio.CancelledError)
    assert [verdict.score for verdict in (first, last) if isinstance(verdict, Verdict)] == [0.03, 0.05]


def test_one_comet_serves_one_event_loop_after_the_other() -> None:
    comet = letters()
    assert asyncio.run(scores(comet, "one")) == [0.03]
    assert asyncio.run(scores(comet, "three")) == [0.05]
    asyncio.run(comet.aclose())
