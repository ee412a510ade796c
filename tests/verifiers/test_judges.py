"""What each judge makes of its model's rulings: votes, shares, medians, first errors; and of replies that are none."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redraft.agents.ledger import ledger
from redraft.agents.prompt import Prompt, shipped_text
from redraft.errors import ConfigError
from redraft.models.base import ChatModel, ChatRequest, Completion, JsonSchema
from redraft.models.errors import Unreachable
from redraft.models.scripted import Reply, Scripted
from redraft.schema import Constraint, Draft, Failure, InstructionTask, QuestionTask, TextTask, Unparsed, Verdict
from redraft.verifiers.base import AnyVerifier, GroupVerifier, PairVerifier, Verifier
from redraft.verifiers.catalogue import KINDS
from redraft.verifiers.judges.constraint import ConstraintJudge
from redraft.verifiers.judges.critique import Critique
from redraft.verifiers.judges.error_detection import ErrorDetection
from redraft.verifiers.judges.judge import Asking
from redraft.verifiers.judges.proof import ProofGrader, Scheme
from redraft.verifiers.judges.rubric import Rubric
from redraft.verifiers.judges.self_reference import SelfReference, SelfReferencePair
from redraft.verifiers.kind import Kind
from redraft.verifiers.open import open_verifier
from tests.verifiers.judging import TASK, always, by_text, ruling, shown

DRAFT = Draft(text="It is 42.", node="n")
WORSE = Draft(text="It is 41.", node="n")
MODEL_KINDS = [kind for kind in KINDS if any(prompt.startswith(("judge-", "draft-pair")) for prompt in kind.prompts)]


async def verdict_of(verifier: Verifier, draft: Draft = DRAFT) -> Verdict:
    verdict = await verifier.score(TASK, draft)
    assert isinstance(verdict, Verdict), verdict
    return verdict


class TestRubric:
    @pytest.mark.parametrize(("grade", "passed"), [("0", False), ("6", False), ("7", True), ("10", True)])
    @pytest.mark.parametrize("guided", [False, True])
    async def test_the_grade_is_the_score_and_seven_passes(self, grade: str, passed: bool, guided: bool) -> None:
        verdict = await verdict_of(Rubric(always(grade, "It adds up."), asking=Asking(guided)))
        assert (verdict.score, verdict.passed, verdict.evidence) == (float(grade), passed, "It adds up.")
        assert (verdict.verifier, verdict.signal) == ("rubric", "self")

    async def test_another_rubric_is_what_the_judge_reads(self) -> None:
        model = always("5")
        verdict = await verdict_of(Rubric(model, rubric="Only brevity counts.", threshold=5))
        assert "Only brevity counts." in shown(model.requests[0])
        assert verdict.passed

    @pytest.mark.parametrize("grade", ["11", "-1", "7.5", "seven", "", "7 of 10"])
    async def test_a_grade_off_the_scale_is_no_verdict(self, grade: str) -> None:
        assert isinstance(await Rubric(always(grade)).score(TASK, DRAFT), Unparsed)


class TestConstraints:
    KEPT = (Constraint(kind="a", text="at most ten words"), Constraint(kind="b", text="in English"))
    TASK = InstructionTask(instruction="Say hello.", constraints=(*KEPT, Constraint(kind="c", arguments={"x": 1})))

    async def test_each_is_asked_by_itself_and_the_score_is_the_share_kept(self) -> None:
        model = by_text({"at most ten words": "followed", "in English": "not followed", 'c {"x": 1}': "followed"})
        verdict = await ConstraintJudge(model).score(self.TASK, DRAFT)
        assert isinstance(verdict, Verdict)
        assert (verdict.score, verdict.passed, len(model.requests)) == (2 / 3, False, 3)
        assert "not followed: in English" in verdict.evidence

    async def test_all_kept_passes(self) -> None:
        verdict = await ConstraintJudge(always("followed")).score(self.TASK, DRAFT)
        assert isinstance(verdict, Verdict)
        assert (verdict.score, verdict.passed) == (1.0, True)

    async def test_one_that_cannot_be_read_is_not_taken_for_a_broken_one(self) -> None:
        model = by_text({"in English": Completion("Well.", "stop"), "at most": "followed", "c {": "followed"})
        assert isinstance(await ConstraintJudge(model).score(self.TASK, DRAFT), Unparsed)

    @pytest.mark.parametrize("task", [QuestionTask(question="Why?"), InstructionTask(instruction="Say hello.")])
    async def test_without_constraints_there_is_nothing_to_judge(self, task: InstructionTask | QuestionTask) -> None:
        result = await ConstraintJudge(always("followed")).score(task, DRAFT)
        assert isinstance(result, Failure)
        assert result.cause == "no_constraints"


class TestCritique:
    STEPS = Draft(text="17 + 20 = 37\n37 + 5 = 43\nSo it is 43.", node="n")

    async def test_the_first_wrong_step_is_found_by_three_calls_a_step(self) -> None:
        model = by_text({"Step 1, the": "right", "Step 2, the": "wrong", "Step 3, the": "wrong"})
        verdict = await verdict_of(Critique(model), self.STEPS)
        assert (verdict.steps, verdict.first_error) == ((1.0, -1.0, -1.0), 1)
        assert (verdict.score, verdict.passed) == (1 / 3, False)
        assert verdict.evidence.startswith("step 2 is wrong: ")
        assert len(model.requests) == 9

    async def test_no_wrong_step_passes(self) -> None:
        verdict = await verdict_of(Critique(always("right")), self.STEPS)
        assert (verdict.steps, verdict.first_error, verdict.score, verdict.passed) == ((1.0,) * 3, None, 1.0, True)

    async def test_the_verdict_is_given_in_view_of_the_critique_and_of_the_critique_of_it(self) -> None:
        said = iter(["FIRST", "SECOND"])
        model = Scripted(lambda request: ruling(request, "right", next(said, "merged")))
        await verdict_of(Critique(model))
        first, second, last = map(shown, model.requests)
        assert "FIRST" not in first
        assert "FIRST" in second
        assert "FIRST" in last
        assert "SECOND" in last

    async def test_later_steps_are_not_shown_with_a_step(self) -> None:
        model = always("right")
        await verdict_of(Critique(model), self.STEPS)
        assert not any("So it is 43." in shown(r) for r in model.requests if "Step 2, the" in shown(r))

    @pytest.mark.parametrize("lost", range(3))
    async def test_any_reply_that_is_lost_loses_the_verdict(self, lost: int) -> None:
        calls = iter(range(3))
        model = Scripted(lambda r: Unreachable("gone") if next(calls) == lost else ruling(r, "right"))
        result = await Critique(model).score(TASK, DRAFT)
        assert isinstance(result, Failure)

    @pytest.mark.parametrize(("text", "cause"), [("x\n" * 51, "too_many_steps"), (" \n", "empty_draft")])
    async def test_a_draft_of_too_many_steps_or_none_costs_nothing(self, text: str, cause: str) -> None:
        model = always("right")
        result = await Critique(model).score(TASK, Draft(text=text, node="n"))
        assert isinstance(result, Failure)
        assert (result.cause, model.requests) == (cause, [])


class TestErrorDetection:
    @pytest.mark.parametrize(("word", "score"), [("error", 0.0), ("no error", 1.0)])
    async def test_one_word_decides(self, word: str, score: float) -> None:
        verdict = await verdict_of(ErrorDetection(always(word)))
        assert (verdict.score, verdict.passed) == (score, score == 1.0)


class TestSelfReference:
    async def test_its_own_answer_is_written_before_it_sees_the_draft(self) -> None:
        model = always("9", "I get 42.")
        verdict = await verdict_of(SelfReference(model))
        own, judged = map(shown, model.requests)
        assert DRAFT.text not in own
        assert "I get 42." in judged
        assert DRAFT.text in judged
        assert (verdict.score, verdict.passed) == (9.0, True)

    @pytest.mark.parametrize(
        ("words", "score"), [(("B", "A"), 1.0), (("A", "B"), 0.0), (("A", "A"), 0.5), (("B", "B"), 0.5)]
    )
    async def test_a_pair_is_better_only_where_both_orders_say_so(self, words: tuple[str, str], score: float) -> None:
        said = iter(words)
        model = Scripted(lambda r: ruling(r, next(said) if "Answer A:" in shown(r) else "", "I get 42."))
        verdict = await SelfReferencePair(model).prefer(TASK, WORSE, DRAFT)
        assert isinstance(verdict, Verdict)
        assert (verdict.score, verdict.passed, len(model.requests)) == (score, score == 1.0, 3)

    async def test_without_its_own_answer_there_is_no_verdict(self) -> None:
        model = Scripted(lambda request: Unreachable("gone"))
        assert isinstance(await SelfReference(model).score(TASK, DRAFT), Failure)
        assert isinstance(await SelfReferencePair(model).prefer(TASK, WORSE, DRAFT), Failure)
        assert len(model.requests) == 2


def grades(*words: str | Reply) -> Scripted:
    """A grader whose samples are these, over and over; a bare word is a verdict, a Completion stands as it is."""
    said: Iterator[str | Reply] = cycle(words)

    def reply(request: ChatRequest) -> Reply:
        word = next(said)
        return ruling(request, word, f"reason {word}") if isinstance(word, str) else word

    return Scripted(reply)


class TestProof:
    LOST = Completion("I give it a 7.", "stop")

    async def test_the_median_of_five_in_one_request(self) -> None:
        model = grades("0", "6", "7", "6", "7")
        verdict = await verdict_of(ProofGrader(model))
        assert (verdict.score, verdict.passed, verdict.signal) == (6.0, True, "self")
        assert "grades 0, 6, 6, 7, 7; median 6 of 7\nreason 6" in verdict.evidence
        assert [request.sampling.n for request in model.requests] == [5]

    async def test_of_an_even_number_the_middle_two_count(self) -> None:
        verdict = await verdict_of(ProofGrader(grades("2", "7", "5", "0"), k=4))
        assert (verdict.score, verdict.passed) == (3.5, False)

    async def test_replies_that_cannot_be_read_are_left_out_and_told(self) -> None:
        verdict = await verdict_of(ProofGrader(grades("7", self.LOST, "1", self.LOST, "5")))
        assert verdict.score == 5.0
        assert "2 of 5 could not be read" in verdict.evidence

    @pytest.mark.parametrize("words", [(LOST,) * 5, ("7", LOST, LOST, LOST, "7"), ("7", LOST)])
    async def test_without_a_majority_there_is_no_verdict(self, words: tuple[str | Reply, ...]) -> None:
        assert isinstance(await ProofGrader(grades(*words), k=len(words)).score(TASK, DRAFT), Unparsed)

    async def test_every_reply_that_cannot_be_read_is_in_the_accounts(self) -> None:
        with ledger() as calls:
            await ProofGrader(grades("7", self.LOST, "1", self.LOST, "5")).score(TASK, DRAFT)
        (call,) = calls()
        assert len(call.missing) == 2

    async def test_a_marking_scheme_is_gold_and_makes_the_signal_oracle(self) -> None:
        model = grades("7")
        schemes = {TASK.question: Scheme(question=TASK.question, scheme="1 point for 42.", reference="17 + 25 = 42")}
        verdict = await verdict_of(ProofGrader(model, schemes))
        assert (verdict.verifier, verdict.signal) == ("proof-scheme", "oracle")
        assert "1 point for 42." in shown(model.requests[0])
        assert "17 + 25 = 42" in shown(model.requests[0])
        other = await ProofGrader(model, schemes).score(TextTask(text="Another."), DRAFT)
        assert isinstance(other, Failure)
        assert other.cause == "no_gold"

    async def test_schemes_come_from_a_file(self, tmp_path: Path) -> None:
        path = tmp_path / "schemes.jsonl"
        path.write_text(json.dumps({"question": TASK.question, "scheme": "1 point for 42."}) + "\n")
        opened: list[str] = []

        def open_model(name: str) -> ChatModel:
            opened.append(name)
            return grades("7")

        verifier = open_verifier(f"proof-scheme:{path}#http://localhost:1/v1#m", open_model)
        assert isinstance(verifier, ProofGrader)
        assert opened == ["http://localhost:1/v1#m"]
        assert verifier.signal == "oracle"
        assert (await verdict_of(verifier)).score == 7.0

    def test_at_least_one_grade_is_needed(self) -> None:
        with pytest.raises(ConfigError, match="not 0 times"):
            ProofGrader(grades("7"), k=0)


@pytest.mark.parametrize("kind", MODEL_KINDS, ids=lambda kind: kind.name)
class TestEveryKind:
    def made(self, kind_name: str, tmp_path: Path, model: Scripted, opened: list[str]) -> AnyVerifier:
        path = tmp_path / "schemes.jsonl"
        path.write_text(json.dumps({"question": TASK.question, "scheme": "s"}) + "\n")
        spec = f"proof-scheme:{path}" if kind_name == "proof-scheme" else kind_name

        def open_model(name: str) -> ChatModel:
            opened.append(name)
            return model

        verifier = open_verifier(spec, open_model)
        assert verifier is not None
        return verifier

    def test_it_is_what_it_says_it_judges_and_asks_the_embedded_model_where_none_is_named(
        self, kind: Kind, tmp_path: Path
    ) -> None:
        opened: list[str] = []
        verifier = self.made(kind.name, tmp_path, always("7"), opened)
        protocol = {"draft": Verifier, "pair": PairVerifier, "group": GroupVerifier}
        assert [name for name, room in protocol.items() if isinstance(verifier, room)] == [kind.judges]
        assert opened == ["local"]
        assert (verifier.name, verifier.signal) == (kind.name, kind.signal)

    async def test_a_model_that_does_not_answer_is_a_failure_and_never_a_verdict(
        self, kind: Kind, tmp_path: Path
    ) -> None:
        model = Scripted(lambda request: Unreachable("no server"))
        verifier = self.made(kind.name, tmp_path, model, [])
        task = TestConstraints.TASK if "instruction" in kind.tasks else TASK
        if isinstance(verifier, Verifier):
            result: object = await verifier.score(task, DRAFT)
        elif isinstance(verifier, PairVerifier):
            result = await verifier.prefer(task, WORSE, DRAFT)
        else:
            assert isinstance(verifier, GroupVerifier)
            result = await verifier.agree(task, [WORSE, DRAFT])
        assert isinstance(result, Failure)
        assert (result.cause, result.message) == ("unreachable", "no server")

    def test_its_prompts_begin_with_what_does_not_change(self, kind: Kind, tmp_path: Path) -> None:
        """The prefix cache of the server serves only what is the same from the first character on."""
        for name in kind.prompts:
            role, system = Prompt.parse(name, shipped_text(name)).turns[0]
            assert role == "system"
            assert len(system.render({})) > 60


async def test_a_judge_held_to_a_schema_gives_its_reason_first_and_one_of_the_words() -> None:
    model = always("no error")
    await verdict_of(ErrorDetection(model, asking=Asking(guided=True)))
    constraint = model.requests[0].constraint
    assert isinstance(constraint, JsonSchema)
    fields = json.loads(constraint.schema)["properties"]
    assert list(fields) == ["reason", "verdict"]
    assert fields["verdict"] == {"enum": ["error", "no error"]}


async def test_an_edited_prompt_is_what_the_judge_reads(tmp_path: Path) -> None:
    (tmp_path / "judge-error.jinja").write_text("[user]\nMine: {{ draft | fence }}\nVerdict {{ code }}: X")
    model = always("error")
    await verdict_of(ErrorDetection(model, asking=Asking(prompts=tmp_path)))
    assert shown(model.requests[0]).startswith("Mine:")


async def test_a_reply_cut_off_at_the_token_limit_is_no_verdict() -> None:
    model = Scripted(lambda request: Completion(ruling(request, "10"), "length"))
    assert isinstance(await Rubric(model).score(TASK, DRAFT), Unparsed)


@given(st.permutations(["It is 42.", "It is 41.", "Forty.", "Verdict: 10"]))
async def test_a_verdict_does_not_depend_on_what_else_is_judged(order: list[str]) -> None:
    rubric = Rubric(by_text({"It is 42.": "10", "It is 41.": "2", "Forty.": "1", "Verdict: 10": "0"}))
    found = {text: (await verdict_of(rubric, Draft(text=text, node="n"))).score for text in order}
    assert found == {"It is 42.": 10.0, "It is 41.": 2.0, "Forty.": 1.0, "Verdict: 10": 0.0}
