"""Methods in a row: what each stage gets, what stands in the one result, whose model and settings each stage has."""

import asyncio
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import redraft
from redraft import ConfigError, Draft, QuestionTask, StopReason, Task, TextTask, Verdict
from redraft.engine.recipe import Recipe
from redraft.graphs.catalogue import find
from redraft.graphs.workflow import configure
from redraft.models.base import ChatRequest
from redraft.models.errors import BadRequest
from redraft.models.scripted import Reply, Scripted
from redraft.schema import Missing, Signal
from tests.graphs.script import lines, prompts, silent, total

TASK = QuestionTask(question="What is six times seven?")
ROW = redraft.compose("rci", "self-refine")


async def test_the_final_draft_of_one_stage_is_the_draft_of_the_next() -> None:
    model = lines("40", "Too low.", "41", "Still low.\nVerdict: needs work", "42", "Fine.\nVerdict: good")
    result = await redraft.workflow(ROW, model).arun(TASK)
    assert (result.final.text, result.final.node, result.stop) == ("42", "self-refine/refine", StopReason.SATISFIED)
    assert result.stages == {"rci": StopReason.ROUND_LIMIT, "self-refine": StopReason.SATISFIED}
    assert [(d.node, d.text) for d in result.drafts] == [
        ("rci/generate", "40"),
        ("rci/improve", "41"),
        ("self-refine/refine", "42"),
    ]
    assert [(r.before.node, r.after.node) for r in result.revisions] == [
        ("rci/generate", "rci/improve"),
        ("rci/improve", "self-refine/refine"),
    ]
    assert "41" in prompts(model)[3]


async def test_calls_of_all_stages_are_in_the_one_account_each_once() -> None:
    model = lines("40", "Too low.", "41", "Still low.\nVerdict: needs work", "42", "Fine.\nVerdict: good")
    result = await redraft.workflow(ROW, model).arun(TASK)
    assert result.usage.calls == len(model.requests) == 3 + 3
    assert {role: usage.calls for role, usage in result.usage_by_role.items()} == {
        "generator": 1,
        "critic": 3,
        "refiner": 2,
    }


class Longer:
    """Scores a draft by its length: executed evidence, of a kind."""

    name = "longer"
    signal: Signal = "tool"

    async def score(self, task: Task, draft: Draft) -> Verdict | Missing:
        return Verdict(verifier=self.name, signal=self.signal, score=float(len(draft.text)), passed=True)

    async def aclose(self) -> None: ...


async def test_the_signal_is_the_strongest_of_all_stages() -> None:
    model = lines("40", "Too short.", "It is 42.", "Fine.\nVerdict: good")
    flow = redraft.workflow(ROW, model, roles={"rci.verifier": Longer()}, **{"rci.verify": True})
    result = await flow.arun(TASK)
    assert (result.final.text, result.signal, len(result.revisions[0].verdicts)) == ("It is 42.", "tool", 1)


async def test_scores_carry_their_stage() -> None:
    model = lines("The answer is 41.", "The answer is 42.", "The answer is 42.", "Nothing.", "The answer is 42.")
    result = await redraft.workflow("self-consistency+rci", model, **{"self-consistency.k": 3}).arun(TASK)
    assert set(result.scores) == {f"self-consistency/{name}" for name in ("share", "answered", "uncertainty")}
    assert result.stages == {"self-consistency": StopReason.COMPLETED, "rci": StopReason.UNCHANGED}
    assert (result.final.node, result.final.answer) == ("self-consistency/sample", "42")


@pytest.mark.parametrize("given", [{"rci.rounds": 2}, {"rci": {"rounds": 2}}])
async def test_settings_are_each_stages_own(given: dict[str, object]) -> None:
    model = lines("1", "no", "2", "no", "3", "Fine.\nVerdict: good")
    result = await redraft.workflow("rci+self-refine", model, **given).arun(TASK)
    assert (result.final.text, total([model])) == ("3", 6)


async def test_a_role_is_played_for_all_stages_or_for_one() -> None:
    roles = {
        "generator": lines("40"),
        "refiner": lines("41", "42"),
        "critic": lines("no"),
        "self-refine.critic": lines("no\nVerdict: needs work", "yes\nVerdict: good"),
    }
    result = await redraft.workflow(ROW, silent(), roles=roles).arun(TASK)
    assert (result.final.text, [len(model.requests) for model in roles.values()]) == ("42", [1, 2, 1, 2])


async def test_the_same_method_twice_is_two_stages() -> None:
    model = lines("1", "no", "2", "no", "3", "no", "4")
    result = await redraft.workflow("rci+rci", model, **{"rci-2.rounds": 2}).arun(TASK)
    assert (result.final.text, list(result.stages)) == ("4", ["rci", "rci-2"])


async def test_a_stage_that_fails_hands_on_the_draft_it_had() -> None:
    model = lines("40", BadRequest("gone"), "Low.\nVerdict: needs work", "42", "Fine.\nVerdict: good")
    result = await redraft.workflow(ROW, model).arun(TASK)
    assert (result.final.text, result.stages["rci"]) == ("42", StopReason.FAILED)
    assert [error.cause for error in result.errors] == ["bad_request"]
    last = await redraft.workflow(ROW, lines("40", "no", "41", BadRequest("gone"))).arun(TASK)
    assert (last.final.text, last.final.node, last.stop) == ("41", "rci/improve", StopReason.FAILED)


async def test_without_any_draft_the_row_ends() -> None:
    model = lines(BadRequest("gone"))
    result = await redraft.workflow(ROW, model).arun(TASK)
    assert (result.final, result.stop, list(result.stages), total([model])) == (None, StopReason.FAILED, ["rci"], 1)


async def test_a_draft_that_the_task_brings_is_the_first_stages_and_stands_once() -> None:
    model = lines("no", "41", "Fine.\nVerdict: good")
    result = await redraft.workflow(ROW, model).arun(TASK.model_copy(update={"draft": "40"}))
    assert [draft.node for draft in result.drafts] == ["input", "rci/improve"]
    assert result.final.text == "41"


@settings(max_examples=40, deadline=None)
@given(
    st.integers(), st.lists(st.sampled_from(["40", "41", "42", "", "x\nVerdict: good", BadRequest("no")]), min_size=2)
)
def test_the_engines_way_and_langgraphs_agree(seed: int, replies: list[Reply]) -> None:
    def reply(request: ChatRequest) -> Reply:
        return replies[sha256(f"{seed}{request.messages}".encode()).digest()[0] % len(replies)]

    async def both() -> None:
        flow = redraft.workflow("cove+rci+self-refine", Scripted(reply))
        assert await flow.awalk(TASK) == await flow.arun(TASK)

    asyncio.run(both())


async def test_every_stage_is_a_node_to_see_and_to_stream() -> None:
    flow = redraft.workflow("cove+rci", lines("40", "1. Why?", "So.", "41", "no", "42"))
    assert {"cove", "rci"} <= set(flow.graph.get_graph().nodes)
    steps = [event async for event in flow.astream(TASK)]
    assert [getattr(step, "node", "") for step in steps] == ["cove", "rci", ""]
    assert [step.final.text for step in steps] == ["41", "42", "42"]


def test_a_row_is_found_by_its_name_and_says_what_it_is() -> None:
    row = find("cove+best-of-n+self-refine")
    assert row.cost.startswith("cove: 3 + Q")
    assert {"critic", "cove.critic", "best-of-n.verifier"} <= set(row.roles)
    assert {"cove-plan", "judge-rubric"} <= set(row.prompts)
    assert find("cove+magicore").kinds == {"question"}
    assert redraft.compose("mqm-ape", "rci").draft == redraft.METHODS["mqm-ape"].draft


def test_a_recipe_of_a_row_says_every_stages_settings() -> None:
    config = configure(ROW, {"rci.rounds": 2})
    told = Recipe("rci+self-refine", config).described()
    assert told["config rci"]["rounds"] == 2
    assert {"prompt rci-critique", "prompt self-refine-feedback"} <= set(told)


@pytest.mark.parametrize(
    ("build", "says"),
    [
        (lambda: redraft.compose(), "at least one"),
        (lambda: redraft.compose("rci", "nonesuch"), "no method 'nonesuch'"),
        (lambda: find("rci+"), "no method ''"),
        (lambda: redraft.compose("mqm-ape", "magicore"), "no kind of task suits every stage"),
        (lambda: redraft.workflow(ROW, silent(), rounds=2), "no setting 'rounds'; it has rci, self-refine"),
        (lambda: redraft.workflow(ROW, silent(), **{"rci.round": 2}), "no setting 'rci.round'"),
        (lambda: redraft.workflow(ROW, silent(), **{"rci.rounds": 0}), "rci.rounds"),
        (lambda: redraft.workflow(ROW, silent(), roles={"cove.critic": silent()}), "no role cove.critic"),
    ],
)
def test_what_cannot_be_composed_is_said(build: object, says: str) -> None:
    assert callable(build)
    with pytest.raises(ConfigError, match=says):
        build()


async def test_a_task_that_no_stage_takes_is_refused_before_any_call() -> None:
    result = await redraft.workflow("cove+magicore", silent()).arun(TextTask(text="A poem."))
    assert (result.stop, result.errors[0].cause) == (StopReason.FAILED, "wrong_kind")


async def test_a_row_runs_over_many_tasks() -> None:
    flow = redraft.workflow(ROW, lines("no", "42", "Fine.\nVerdict: good"))
    records = [record async for record in redraft.abatch(flow, [TASK.model_copy(update={"draft": "40"})])]
    assert [record.result.final.text for record in records] == ["42"]
