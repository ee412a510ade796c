"""Methods beside what the same calls bring without correcting: exact calls, resuming, refusals."""

from __future__ import annotations

import json
import math
import signal
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from redraft.errors import ConfigError
from redraft.evaluation.compare import Comparison, Setup, compare
from redraft.evaluation.contender import Players
from redraft.evaluation.outcomes import read_outcomes
from redraft.evaluation.sample import Sample
from redraft.models.base import ChatRequest
from redraft.models.budget import Price
from redraft.models.errors import ModelError
from redraft.models.scripted import Reply, Scripted
from redraft.schema import Draft, Failure, Missing, QuestionTask, Signal, Task, TextTask, Unparsed, Verdict
from tests.graphs.script import silent

QUESTIONS = [
    Sample(id=f"q{n}", task=QuestionTask(question=f"What is {n} + {n}?"), gold=str(2 * n), group=f"g{n // 2}")
    for n in range(1, 5)
]


class Exact:
    """The gold of QUESTIONS: right where the draft is the sum. Counts what it was asked."""

    name = "exact"
    signal: Signal = "oracle"

    def __init__(self, fault: bool = False) -> None:
        self.asked: Counter[tuple[str, str]] = Counter()
        self.fault = fault

    async def score(self, task: Task, draft: Draft) -> Verdict | Missing:
        assert isinstance(task, QuestionTask)
        self.asked[task.question, draft.text] += 1
        if self.fault:
            return Failure(cause="sandbox_unusable", message="no sandbox")
        if not draft.text.isdigit():
            return Unparsed(raw=draft.text, reason="no number")
        right = int(draft.text) == 2 * int(task.question.split()[2])
        return Verdict(verifier=self.name, signal=self.signal, score=float(right), passed=right)

    async def aclose(self) -> None:
        """Nothing to close."""


def reply(request: ChatRequest) -> Reply:
    """Drafts 2 for everything, and corrects it to the sum where the task is 2 + 2 or 3 + 3."""
    asked = request.messages[-1].content
    if "Verdict:" in asked:
        return "Add again.\nVerdict: needs work"
    if "Write nothing but the result" in asked and "Add again" not in asked:
        return "2"
    return "6" if "3 + 3" in asked else "4" if "2 + 2" in asked else "I cannot."


async def run(folder: Path, model: Scripted, grader: Exact | None = None, **changes: object) -> Comparison:
    methods = {"self-refine": "self-refine"}
    setup = Setup(
        players=Players(model),
        settings={"self-refine": {"rounds": 1, "max_tokens": 99}},
        store=folder.parent / "responses.sqlite",
    )
    return await compare(QUESTIONS, grader or Exact(), methods, folder, replace(setup, **changes))


async def test_the_controls_spend_as_many_calls_as_the_method(tmp_path: Path) -> None:
    model = Scripted(reply)
    found = await run(tmp_path / "c", model)
    assert list(found.outcomes) == ["single", "self-refine", "self-consistency@3"]
    assert found.pairs == (("self-refine", "single"), ("self-refine", "self-consistency@3"))
    calls = {label: outcomes.calls.tolist() for label, outcomes in found.outcomes.items()}
    assert calls == {"single": [1] * 4, "self-refine": [3] * 4, "self-consistency@3": [3] * 4}
    drafts = [r for r in model.requests if "Write nothing but the result" in r.messages[-1].content]
    samples = [r.sampling for r in drafts if r.sampling.n == 3]
    assert len(samples) == 4
    assert {sampling.max_tokens for sampling in samples} == {99}, "as long as the method's drafts"
    assert len(model.requests) == 4 * 3 + 4, "the single draft is the method's first, asked for once"


async def test_every_round_is_judged_once_and_only_by_the_grader(tmp_path: Path) -> None:
    grader = Exact()
    found = await run(tmp_path / "c", Scripted(reply), grader)
    assert max(grader.asked.values()) == 1
    refined = found.outcomes["self-refine"]
    assert refined.ids == ("q1", "q2", "q3", "q4")
    assert refined.verdicts.tolist() == [[1, -1], [0, 1], [0, 1], [0, -1]]
    assert refined.groups == ("g0", "g1", "g1", "g2")
    assert found.outcomes["self-consistency@3"].final.tolist() == [1, 0, 0, 0]
    assert {outcomes.signal for outcomes in found.outcomes.values()} == {"self"}
    assert read_outcomes(tmp_path / "c" / "outcomes.jsonl").keys() == found.outcomes.keys()
    assert "gold" not in (tmp_path / "c" / "tasks.jsonl").read_text()


async def test_pairs_are_one_family_of_tests(tmp_path: Path) -> None:
    tests = (await run(tmp_path / "c", Scripted(reply))).tests(resamples=200)
    assert [(test.first, test.second) for test in tests] == [
        ("self-refine", "single"),
        ("self-refine", "self-consistency@3"),
    ]
    # Right: q2 and q3 against q1; in groups g0, g1, g2 that is -1, +2, 0.
    assert [test.difference.value for test in tests] == [pytest.approx(0.25)] * 2
    assert all(test.holm == 1 for test in tests)


async def test_the_same_again_asks_nobody_anything(tmp_path: Path) -> None:
    first = await run(tmp_path / "c", Scripted(reply))
    before = {path: path.read_bytes() for path in (tmp_path / "c").rglob("*.json*")}
    grader = Exact()
    again = await run(tmp_path / "c", silent(), grader)
    assert not grader.asked
    assert {path: path.read_bytes() for path in (tmp_path / "c").rglob("*.json*")} == before
    assert again.pairs == first.pairs


async def test_an_ended_comparison_goes_on_and_repeats_no_call(tmp_path: Path) -> None:
    whole = Scripted(reply)
    await run(tmp_path / "whole" / "c", whole)

    def dies(request: ChatRequest) -> Reply:
        if len(model.requests) > 7:
            raise ConfigError("the power is gone")
        return reply(request)

    model = Scripted(dies)
    with pytest.raises(ConfigError, match="power"):
        await run(tmp_path / "c", model, window=1)
    begun = len(model.requests) - 1
    rest = Scripted(reply)
    await run(tmp_path / "c", rest, window=1)
    assert begun + len(rest.requests) == len(whole.requests)
    for name in ("outcomes.jsonl", "records/self-refine.jsonl", "comparison.json"):
        assert (tmp_path / "c" / name).read_bytes() == (tmp_path / "whole" / "c" / name).read_bytes()


@pytest.mark.parametrize("torn", [b"", b'{"id": "q1", "dra'])
async def test_verdicts_are_kept_as_they_come(tmp_path: Path, torn: bytes) -> None:
    await run(tmp_path / "c", Scripted(reply))
    kept = tmp_path / "c" / "verdicts.jsonl"
    kept.write_bytes(b"".join(kept.read_bytes().splitlines(keepends=True)[:-1]) + torn)
    grader = Exact()
    await run(tmp_path / "c", silent(), grader)
    assert grader.asked.total() == 1


async def test_another_data_set_or_setting_is_refused(tmp_path: Path) -> None:
    await run(tmp_path / "c", Scripted(reply))
    with pytest.raises(ConfigError, match=r"config rounds was 1 and is 2.*another folder"):
        await run(tmp_path / "c", silent(), settings={"self-refine": {"rounds": 2, "max_tokens": 99}})
    with pytest.raises(ConfigError, match="model was scripted and is other"):
        await run(tmp_path / "c", silent(), players=Players(Scripted(reply, name="other")))
    other = [QUESTIONS[0].model_copy(update={"gold": "3"}), *QUESTIONS[1:]]
    with pytest.raises(ConfigError, match="holds another comparison: samples was sha256"):
        await compare(other, Exact(), {"rci": "rci"}, tmp_path / "c")
    with pytest.raises(ConfigError, match="seed was not set and is 1"):
        await run(tmp_path / "c", silent(), about={"seed": 1})


async def test_a_method_may_be_added_to_a_comparison(tmp_path: Path) -> None:
    await run(tmp_path / "c", Scripted(reply))
    model = Scripted(reply)
    setup = Setup(
        Players(model),
        {"self-refine": {"rounds": 1, "max_tokens": 99}, "twice": {"rounds": 2, "max_tokens": 99}},
        store=tmp_path / "responses.sqlite",
    )
    methods = {"self-refine": "self-refine", "twice": "self-refine"}
    found = await compare(QUESTIONS, Exact(), methods, tmp_path / "c", setup)
    assert list(found.outcomes) == ["single", "self-refine", "twice", "self-consistency@3", "self-consistency@5"]
    # The second round's two calls and the five samples; and a first round's calls are not made again.
    assert len(model.requests) == 4 * (2 + 1)


@pytest.mark.parametrize(
    ("samples", "methods", "setup", "says"),
    [
        ([], {"rci": "rci"}, Setup(), "no samples"),
        ([*QUESTIONS, QUESTIONS[0]], {"rci": "rci"}, Setup(), "'q1' is there 2 times"),
        (QUESTIONS, {"a/b": "rci"}, Setup(), "cannot be a label"),
        (QUESTIONS, {"single": "rci"}, Setup(), "that of a control"),
        (QUESTIONS, {"rci": "nothing"}, Setup(), "there is no method 'nothing'"),
        (QUESTIONS, {"rci": "rci"}, Setup(settings={"cove": {}}), "settings are given for cove"),
        (QUESTIONS, {"rci": "rci"}, Setup(Players(roles={"judge": "local"})), "has the role judge"),
        (QUESTIONS, {"tear": "tear"}, Setup(), "tear takes none of the samples: .*translation task"),
    ],
)
async def test_what_cannot_be_compared_is_refused_before_anything_is_asked(
    tmp_path: Path, samples: list[Sample], methods: dict[str, str], setup: Setup, says: str
) -> None:
    players = replace(setup.players, model=silent())
    with pytest.raises(ConfigError, match=says):
        await compare(samples, Exact(), methods, tmp_path / "c", replace(setup, players=players))
    assert not (tmp_path / "c" / "records" / "rci.jsonl").exists()


async def test_an_item_that_fails_is_data(tmp_path: Path) -> None:
    def fails(request: ChatRequest) -> Reply:
        return ModelError("too hot") if "3 + 3" in request.messages[-1].content else reply(request)

    found = await run(tmp_path / "c", Scripted(fails), controls=False)
    refined = found.outcomes["self-refine"]
    assert refined.verdicts.tolist() == [[1, -1], [0, 1], [-1, -1], [0, -1]]
    assert [(fault.message, count) for fault, count in found.failures.items()] == [("too hot", 1)]
    assert found.notes == ("controls were left out",)
    mended = await run(tmp_path / "c", Scripted(reply), controls=False, retry_failed=True)
    assert mended.outcomes["self-refine"].verdicts.tolist() == [[1, -1], [0, 1], [0, 1], [0, -1]]
    assert not mended.failures


async def test_a_grader_that_fails_is_told_of_and_asked_again(tmp_path: Path) -> None:
    found = await run(tmp_path / "c", Scripted(reply), Exact(fault=True))
    assert (found.outcomes["single"].final == -1).all()
    assert [(fault.cause, count > 0) for fault, count in found.failures.items()] == [("sandbox_unusable", True)]
    assert (await run(tmp_path / "c", silent())).outcomes["single"].final.tolist() == [1, 0, 0, 0]


async def test_money_is_counted_where_there_is_a_price(tmp_path: Path) -> None:
    without = await run(tmp_path / "c", Scripted(reply), controls=False)
    assert math.isnan(without.outcomes["self-refine"].money[0])
    found = await run(tmp_path / "c", silent(), controls=False, price=Price(1e6, 1e6))
    refined = found.outcomes["self-refine"]
    assert refined.money.tolist() == refined.tokens.tolist()


async def test_a_text_is_compared_with_best_of_n_that_pays_for_its_judge(tmp_path: Path) -> None:
    samples = [Sample(id="t", task=TextTask(text="A notice."))]

    class Longer(Exact):
        async def score(self, task: Task, draft: Draft) -> Verdict | Missing:
            return Verdict(verifier="longer", signal="oracle", score=len(draft.text), passed=len(draft.text) > 5)

    def write(request: ChatRequest) -> Reply:
        asked = request.messages[-1].content
        if "Grade" in asked or "grade" in asked:
            return "10"
        return "Why?\nVerdict: needs work" if "Verdict:" in asked else f"Close the door {len(model.requests)}."

    model = Scripted(write)
    setup = Setup(Players(model), {"self-refine": {"rounds": 2}})
    found = await compare(samples, Longer(), {"self-refine": "self-refine"}, tmp_path / "c", setup)
    assert found.pairs == (("self-refine", "single"), ("self-refine", "best-of-n@3"))
    assert found.outcomes["self-refine"].calls.tolist() == [5]
    assert found.outcomes["best-of-n@3"].calls.tolist() == [6]
    about = json.loads((tmp_path / "c" / "comparison.json").read_text())
    assert about["methods"]["best-of-n@3"]["config n"] == 3
    assert {"method": "self-refine", "control": "single"} in about["controls"]


KILLED = """
import asyncio, os, signal, sys
from pathlib import Path
from redraft.models.scripted import Scripted
from tests.evaluation.test_compare import reply, run

folder, die_at = Path(sys.argv[1]), int(sys.argv[2])
made = 0

def logged(request):
    global made
    made += 1
    if made == die_at:
        os.kill(os.getpid(), signal.SIGKILL)
    with open(folder.parent / "calls", "a") as log:
        print(hash_of(request), file=log)
    return reply(request)

def hash_of(request):
    from redraft.models.key import request_key
    return request_key("scripted", request), request.sampling.n

asyncio.run(run(folder, Scripted(logged), window=1))
"""


@pytest.mark.parametrize("die_at", [6, 14])
def test_after_kill_9_the_same_goes_on_and_makes_no_call_twice(tmp_path: Path, die_at: int) -> None:
    def go(die: int) -> int:
        command = [sys.executable, "-c", KILLED, str(tmp_path / "c"), str(die)]
        return subprocess.run(command, cwd=Path(__file__).parents[2], check=False, timeout=120).returncode

    assert go(die_at) == -signal.SIGKILL
    assert go(0) == 0
    asked = Counter((tmp_path / "calls").read_text().splitlines())
    kept = {line for line in asked if line.endswith(", 1)")}
    assert {asked[line] for line in kept} == {1}
    assert len(read_outcomes(tmp_path / "c" / "outcomes.jsonl")) == 3
