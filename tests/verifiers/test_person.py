"""A person as verifier, in the smallest graph that can ask one. How workflows pause: graphs/test_checkpoints.py."""

import asyncio
from typing import TypedDict

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, StateGraph
from langgraph.types import Command

from redraft.errors import ConfigError
from redraft.schema import Draft, Failure, QuestionTask, Verdict
from redraft.verifiers.base import PairVerifier, Verifier
from redraft.verifiers.open import open_verifier
from redraft.verifiers.person import Person

TASK = QuestionTask(question="Six times seven?")
CONFIG = {"configurable": {"thread_id": "one"}}


class State(TypedDict, total=False):
    verdicts: list[object]


def asking(*afters: str) -> StateGraph[State]:
    """A graph whose one node asks about every draft of `afters` at once."""

    async def ask(state: State) -> State:
        before = Draft(text="40", node="a")
        drafts = [Draft(text=text, node="b") for text in afters]
        return {"verdicts": await asyncio.gather(*(Person().prefer(TASK, before, draft) for draft in drafts))}

    graph = StateGraph(State)
    graph.add_node("ask", ask)
    graph.add_edge(START, "ask")
    return graph


async def answered(*answers: object) -> list[object]:
    graph = asking(*map(str, range(len(answers)))).compile(checkpointer=InMemorySaver())
    state = await graph.ainvoke({}, CONFIG)
    for answer in answers:
        state = await graph.ainvoke(Command(resume=answer), CONFIG)
    return state["verdicts"]


def test_is_a_pair_verifier_by_the_name_person() -> None:
    person = open_verifier("person")
    assert isinstance(person, PairVerifier)
    assert not isinstance(person, Verifier)
    assert (person.name, person.signal) == ("person", "human")


def test_a_person_has_no_settings() -> None:
    with pytest.raises(
        ConfigError, match=r"'person:ann' names no verifier; it is written person \(a person, for whom the run pauses"
    ):
        open_verifier("person:ann")


async def test_the_question_is_plain_json() -> None:
    state = await asking("42").compile(checkpointer=InMemorySaver()).ainvoke({}, CONFIG)
    assert state["__interrupt__"][0].value == {
        "task": {"kind": "question", "question": "Six times seven?", "draft": None},
        "before": {"text": "40", "node": "a", "answer": None},
        "after": {"text": "42", "node": "b", "answer": None},
    }


@pytest.mark.parametrize(("answer", "score", "passed"), [(True, 1.0, True), (False, 0.0, False), ("tie", 0.5, False)])
async def test_an_answer_is_a_verdict(answer: object, score: float, passed: bool) -> None:
    (verdict,) = await answered(answer)
    assert isinstance(verdict, Verdict)
    assert (verdict.verifier, verdict.signal, verdict.score, verdict.passed) == ("person", "human", score, passed)


@pytest.mark.parametrize("answer", ["yes", "true", "Tie", 1, 0, 0.5, "", [True], {"answer": "maybe"}, {"ok": True}])
async def test_anything_else_is_a_failure_and_never_a_guess(answer: object) -> None:
    (verdict,) = await answered(answer)
    assert isinstance(verdict, Failure)
    assert verdict.cause == "bad_answer"


async def test_several_questions_of_one_node_are_answered_in_their_order() -> None:
    verdicts = await answered(True, "tie", False, "no idea")
    assert [v.score if isinstance(v, Verdict) else v.cause for v in verdicts] == [1.0, 0.5, 0.0, "bad_answer"]


async def test_an_answer_to_another_question_is_not_taken_for_this_one() -> None:
    graph = asking("42").compile(checkpointer=InMemorySaver())
    asked = (await graph.ainvoke({}, CONFIG))["__interrupt__"][0].value
    other = {**asked, "after": {**asked["after"], "text": "41"}}
    state = await graph.ainvoke(Command(resume={"asked": other, "answer": True}), CONFIG)
    assert state["__interrupt__"][0].value == asked
    state = await graph.ainvoke(Command(resume={"asked": asked, "answer": False}), CONFIG)
    assert state["verdicts"][0].passed is False
