"""Which controls a method has, and how many calls they get."""

from __future__ import annotations

import pytest

from redraft.evaluation.contender import Contender, Players, contenders
from redraft.evaluation.controls import Measured, controls
from redraft.schema import Signal

QUESTION, CODE, TEXT = frozenset({"question"}), frozenset({"code"}), frozenset({"text"})


def of(
    method: str,
    calls: float,
    kinds: frozenset[str] = QUESTION,
    signal: Signal = "self",
    roles: dict[str, str] | None = None,
    **settings: object,
) -> tuple[list[Contender], list[str]]:
    (contender,) = contenders({method: method}, {method: settings}, Players("m", roles))
    return controls(contender, Measured(calls, signal), kinds, {})


@pytest.mark.parametrize(("calls", "k"), [(0.5, 1), (1, 1), (3.4, 3), (3.5, 4), (11, 11)])
def test_calls_per_item_are_rounded_half_up(calls: float, k: int) -> None:
    made, notes = of("cove", calls)
    assert [control.label for control in made] == ["single", f"self-consistency@{k}"]
    assert made[1].config.model_dump()["k"] == k
    assert not notes


def test_controls_draft_as_the_method_does() -> None:
    made, _ = of("self-refine+rci", 9, roles={"self-refine.generator": "other"}, **{"self-refine.max_tokens": 77})
    for control in made:
        assert control.method.prompts[0] == "generate"
        assert control.roles == {"generator": "other"}
        assert control.config.model_dump()["max_tokens"] == 77
    made, _ = of("magicore", 9)
    assert [control.method.prompts for control in made] == [("solve",), ("solve",)]


def test_a_program_is_chosen_by_the_tests_that_the_method_ran() -> None:
    made, notes = of("self-debug", 6, CODE, "tool")
    assert [control.label for control in made] == ["single", "best-of-n@6"]
    assert made[1].roles["verifier"] == "tests"
    assert not notes


def test_where_a_model_judges_half_of_the_calls_are_its_own() -> None:
    made, _ = of("self-refine", 9, TEXT)
    assert made[1].label == "best-of-n@5"
    assert "verifier" not in made[1].roles
    made, _ = of("self-refine", 9, TEXT, "tool", {"verifier": "self-reference:m"})
    assert made[1].label == "best-of-n@3", "that judge takes two calls"


def test_a_question_method_that_heard_a_verifier_meets_it_in_best_of_n_too() -> None:
    made, _ = of("self-refine", 7, QUESTION, "tool", {"verifier": "reward:http://localhost:1/v1#r"})
    assert [control.label for control in made] == ["single", "self-consistency@7", "best-of-n@7"]


@pytest.mark.parametrize(
    ("method", "calls", "kinds", "signal", "says"),
    [
        ("self-refine", 5, TEXT, "oracle", "no best-of-N beside self-refine: it decided by the gold answer"),
        ("rarr", 5, TEXT, "tool", "cannot score a single draft of these tasks; name what can"),
        ("self-consistency", 40, QUESTION, "self", "spends its calls on samples itself"),
        ("mqm-ape", 0, frozenset({"translation"}), "self", "made 0.00 calls per item"),
    ],
)
def test_what_cannot_be_defined_is_said_in_words(
    method: str, calls: float, kinds: frozenset[str], signal: Signal, says: str
) -> None:
    made, notes = of(method, calls, kinds, signal)
    assert [control.label for control in made] == ["single"]
    assert len(notes) == 1
    assert says in notes[0]


def test_a_verifier_can_be_named_for_the_control_alone() -> None:
    made, notes = of("rarr", 5, TEXT, "tool", {"best-of-n.verifier": "rubric:m"})
    assert (made[1].label, made[1].roles["verifier"], notes) == ("best-of-n@3", "rubric:m", [])
