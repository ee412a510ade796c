"""A workflow as an application embeds it."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from langchain_core.language_models import GenericFakeChatModel
from langchain_core.messages import AIMessage
from langgraph.graph.state import CompiledStateGraph

import redraft
from redraft import ConfigError, QuestionTask, Result, Step, StopReason
from redraft.graphs.catalogue import find
from tests.graphs.script import lines, silent

TASK = QuestionTask(question="Six times seven?")
SCRIPT = ("40", "Too low.\nVerdict: needs work", "42", "Verdict: good")


def test_run_blocks_until_the_result() -> None:
    with redraft.workflow("self-refine", lines(*SCRIPT)) as flow:
        assert flow.run(TASK).final.text == "42"


async def test_run_works_inside_a_running_loop_as_in_a_notebook() -> None:
    assert redraft.workflow("self-refine", lines(*SCRIPT)).run(TASK).final.text == "42"


async def test_astream_tells_of_each_node_and_ends_with_the_result_of_arun() -> None:
    *steps, result = [event async for event in redraft.workflow("self-refine", lines(*SCRIPT)).astream(TASK)]
    assert [step.node for step in steps] == ["generate", "feedback", "refine", "feedback"]
    assert all(isinstance(step, Step) for step in steps)
    assert steps[2].revisions[0].after.text == "42"
    assert result == await redraft.workflow("self-refine", lines(*SCRIPT)).arun(TASK)


async def test_graph_is_a_compiled_langgraph_graph() -> None:
    flow = redraft.workflow("self-refine", lines(*SCRIPT))
    assert isinstance(flow.graph, CompiledStateGraph)
    state = await flow.graph.ainvoke({"task": TASK})
    assert state["final"].text == "42"


async def test_a_langchain_chat_model_plays_any_role() -> None:
    model = GenericFakeChatModel(messages=iter([AIMessage(text) for text in SCRIPT]))
    result = await redraft.workflow("self-refine", model).arun(TASK)
    assert (result.final.text, result.stop, result.usage.calls) == ("42", StopReason.SATISFIED, 4)


async def test_any_number_of_tasks_run_at_once_without_mixing_their_accounts() -> None:
    def reply(request: object) -> str:
        return "Verdict: good"

    flow = redraft.workflow("self-refine", redraft.models.scripted.Scripted(reply))
    results: list[Result] = await asyncio.gather(
        *(flow.arun(QuestionTask(question=f"{n}?", draft=str(n))) for n in range(50))
    )
    assert [result.final.text for result in results] == [str(n) for n in range(50)]
    assert {result.usage.calls for result in results} == {1}


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ({"method": "mqm"}, "no method 'mqm'; there are mqm-ape, tear, self-refine"),
        ({"method": "tear", "model": "gpt"}, "'gpt' names no model"),
        ({"method": "tear", "roles": {"judge": "local"}}, "tear has no role judge; it has generator"),
        ({"method": "tear", "roles": {"critic": "chrf:x"}}, "chrf|x"),
        ({"method": "tear", "refines": "alpha"}, "tear has no setting 'refines'; it has refine"),
        ({"method": "tear", "refine": "gamma"}, "tear: setting refine"),
        ({"method": "tear", "rounds": 0}, "tear: setting rounds"),
        ({"method": "tear", "prompts": "/nowhere"}, "no folder of prompts"),
    ],
)
def test_a_wrong_configuration_is_one_clear_sentence(arguments: dict[str, object], complaint: str) -> None:
    with pytest.raises(ConfigError, match=complaint):
        redraft.workflow(**{"model": silent(), **arguments})


def test_a_method_may_name_who_plays_a_role_unless_somebody_else_is_named() -> None:
    judged = replace(redraft.METHODS["best-of-n"], defaults={"verifier": "arithmetic"})
    default = redraft.workflow(judged, silent()).players
    named = redraft.workflow(judged, silent(), roles={"verifier": "brackets"}).players
    assert [players["verifier"].name for players in (default, named)] == ["arithmetic", "brackets"]
    assert default["generator"].name == "scripted"


@pytest.mark.parametrize("model", ["http://localhost:9/v1", "local"])
def test_a_model_need_not_be_reached_to_build_a_workflow(model: str, tmp_path: Path) -> None:
    assert redraft.workflow("mqm-ape", model, store=tmp_path / "store").graph


async def test_a_task_of_the_wrong_kind_is_refused_as_data() -> None:
    result = await redraft.workflow("tear", silent()).arun(TASK)
    assert (result.stop, result.errors[0].cause) == (StopReason.FAILED, "wrong_kind")


def test_settings_beside_a_config_are_refused_and_not_left_out() -> None:
    config = find("self-refine").config()
    with pytest.raises(ConfigError, match="not both: rounds"):
        redraft.workflow("self-refine", silent(), config=config, rounds=60)
