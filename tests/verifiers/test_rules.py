"""Step rules: what each finds wrong, where, and how often that is where people found it."""

import gzip
import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redraft.schema import Draft, QuestionTask, Unparsed, Verdict
from redraft.verifiers.base import Verifier
from redraft.verifiers.open import open_verifier
from redraft.verifiers.rules.arithmetic import check_arithmetic
from redraft.verifiers.rules.brackets import check_brackets
from redraft.verifiers.rules.swaps import check_swaps
from redraft.verifiers.rules.word_order import check_word_order

RULES = {
    "arithmetic": check_arithmetic,
    "brackets": check_brackets,
    "word-order": check_word_order,
    "swaps": check_swaps,
}


async def judge(name: str, question: str, text: str) -> Verdict | Unparsed:
    verifier = open_verifier(name)
    assert isinstance(verifier, Verifier)
    verdict = await verifier.score(QuestionTask(question=question), Draft(text=text, node="test"))
    assert isinstance(verdict, Verdict | Unparsed)
    return verdict


async def test_a_verdict_has_a_score_for_each_step_and_the_first_wrong_one():
    text = "Step 1: 3 + 4 = 7\nStep 2: 7 * 2 = 15\nStep 3: Think.\nStep 4: 15 - 1 = 13"
    assert await judge("arithmetic", "How many?", text) == Verdict(
        verifier="arithmetic",
        signal="tool",
        score=1 / 3,
        passed=False,
        evidence="3 of 4 steps checked; step 2 is wrong: 7 * 2 = 15, but 7 * 2 is 14",
        steps=(1.0, 0.0, 1.0, 0.0),
        first_error=1,
    )


@pytest.mark.parametrize("name", RULES)
async def test_where_nothing_can_be_checked_there_is_no_verdict(name):
    verdict = await judge(name, "What is the capital of France?", "I think.\nIt is Paris, by far.")
    assert isinstance(verdict, Unparsed)
    assert "nothing to check in 2 steps" in verdict.reason


@pytest.mark.parametrize(
    "step",
    [
        "She has 16 - 3 - 4 = <<16-3-4=9>>9 eggs and makes 9 * 2 = $<<9*2=18>>18.",
        "10 / 3 = 3.33 hours",
        "1,200 x 3 = 3,600",
        "18 / 450 x 100 = 4%",
        "(1 + 2)^2 - -1 = 10",
        "200 * 5% = 10",
        "1/2 + 1/3 = 5/6",
    ],
)
def test_right_equations(step):
    assert check_arithmetic("?", [step]) == [""]


@pytest.mark.parametrize(
    ("step", "fault"),
    [
        ("32 - 20 = 300 left", "32 - 20 = 300, but 32 - 20 is 12"),
        ("2 * (3 + 4) = 2 * 8 = 16", "2 * (3 + 4) = 2 * 8, but 2 * (3 + 4) is 14"),
        ("10 / 3 = 3.4", "10 / 3 = 3.4, but 10 / 3 is 3.33333"),
        ("3 + 4 = 7. So the answer is 8", "the answer is given as 8 after 7"),
    ],
)
def test_wrong_equations(step, fault):
    assert check_arithmetic("?", [step]) == [fault]


@pytest.mark.parametrize(
    "step",
    [
        "x = 5",
        "20% of 50 = 10",
        "5 apples - 2 = 3",
        "60 questions x 40/100 = 24",
        "6 = (3)y",
        "1 / 0 = 5",
        "9^9^9^9 = 1",
    ],
)
def test_what_is_no_plain_equation_is_let_be(step):
    assert check_arithmetic("?", [step]) == [None]


def test_a_step_is_judged_by_what_the_steps_before_it_say():
    steps = ["A = 2 + 2 = 5", "B = 3 * 3 = 9", "A + B = 5 + 9 = 14"]
    assert check_arithmetic("?", steps) == ["2 + 2 = 5, but 2 + 2 is 4", "", ""]


def test_brackets_are_replayed_from_the_stack_as_stated():
    steps = ["stack: empty", "[ ; stack: [", "( ; stack: [ [", "] ; stack: [", "final stack is [. So the answer is )"]
    assert check_brackets("Complete: [ ( ]", steps) == [
        "",
        "",
        "the stack is [ (, not [ [",
        "",
        "the answer is ], not )",
    ]


def test_swaps_are_followed():
    question = (
        "Three friends hold a ball each: Alice has a red ball, Bob has a blue ball, and Claire has a green ball.\n"
        "First, Alice and Bob swap balls. Then, Bob and Claire swap balls. At the end of the game, Bob has the\n"
        "Options:\n(A) red ball.\n(B) blue ball.\n(C) green ball."
    )
    steps = [
        "At the start: Alice: red, Bob: blue, Claire: green.",
        "Alice and Bob swap: Alice: blue, Bob: red, Claire: green.",
        "Bob and Claire swap: Alice: blue, Bob: green, Claire: red.",
        "At the end of the game, Bob has the green ball. So the answer is (C)",
    ]
    assert check_swaps(question, steps) == ["", "", "", ""]
    steps[2] = "Bob and Claire swap: Alice: blue, Bob: red, Claire: green."
    assert check_swaps(question, steps) == ["", "", "Bob has green, not red", "Bob has red, not green"]
    assert check_swaps(question, [*steps[:2], "So the answer is (A)"])[-1] == "1 swaps are left out"


def test_words_are_sorted():
    steps = [
        'The first letter: "bee": "b" (2). "ant": "a" (1). "bat": "b" (2).',
        'We now have: (1) "ant" < (2) ["bee" ? "bat"].',
        'Now let\'s sort this subpart ["bee" ? "bat"]. The second letter: "bee": "e" (5). "bat": "a" (1).',
        'We now have: (1) "bat" < (5) "bee" for the subpart. Hence, we have "ant" < "bat" < "bee".',
        "I have now sorted all the words. The answer is ant bat bee",
    ]
    question = "Sort the words alphabetically: List: bee ant bat"
    assert check_word_order(question, steps) == [""] * 5
    assert check_word_order(question, steps[:2] + steps[4:])[-1] == "bat bee are not sorted yet"
    wrong = 'We now have: (1) "bat" < (5) "bee" for the subpart. Hence, we have "ant" < "bee" < "bat".'
    assert check_word_order(question, [*steps[:3], wrong])[-1] == "bee does not come before bat"


@settings(deadline=None, max_examples=150)
@given(
    st.sampled_from(sorted(RULES)),
    st.text(max_size=40),
    st.lists(
        st.text(max_size=40)
        | st.lists(
            st.sampled_from([*'0123456789+-*/^()=%.,"<>?[]{}; \n', "A", "stack:", "answer is ", "subpart [", "9" * 50])
            | st.sampled_from(["Alice has ", "Alice and Bob swap", "final stack is", "second letter", '"a": "b" (2)'])
            | st.sampled_from(["Hence, we have ", '"A", where A = 2', "pop out", "We now have: (1)"]),
            max_size=25,
        ).map("".join),
        max_size=4,
    ),
)
def test_no_rule_raises_on_any_text(name, question, steps):
    found = RULES[name](question, steps)
    assert len(found) == len(steps)


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize(
    "piece",
    ["(", "1+", "1=", "9^99*", '"a" < ', '"a": "b" (2)', "Alice: ", "Alice has ", "[ ", " ", "answer is ", "subpart ["],
)
def test_a_megabyte_is_read_in_linear_time(name, piece):
    """Quadratic time would take hours, and the suite's time limit would end it."""
    text = piece * (1_000_000 // len(piece))
    question = "List: bee ant. Alice has a ball, and Bob has a box. First, Alice and Bob swap. [ [ (Options: (A) ball."
    assert len(RULES[name](question, [text, "We now have: " + text, text + " So the answer is 5"])) == 3


def traces(data: Path, name: str) -> list[dict]:
    packed = (data / "bigbench-mistake" / f"{name}.jsonl.gz").read_bytes()
    return [json.loads(line) for line in gzip.decompress(packed).split(b"\n") if line]


@pytest.mark.parametrize(
    ("name", "rule", "figures"),
    [
        ("dyck_languages", "brackets", {"right": 968, "missed": 12, "late": 4, "false alarm": 2}),
        ("multistep_arithmetic", "arithmetic", {"right": 276, "missed": 1, "late": 1, "early": 5, "false alarm": 17}),
        ("word_sorting", "word-order", {"right": 277, "early": 19, "false alarm": 4}),
        ("tracking_shuffled_objects", "swaps", {"right": 285, "late": 7, "early": 1, "false alarm": 7}),
    ],
)
def test_mistakes_are_found_where_people_found_them(data, name, rule, figures):
    """BIG-Bench Mistake. The first wrong step by the rule beside the annotated one; None where there is none."""
    counts: Counter[str] = Counter()
    for trace in traces(data, name):
        found = RULES[rule](trace["input"], trace["steps"])
        first = next((index for index, fault in enumerate(found) if fault), None)
        mistake = trace["mistake_index"]
        if first == mistake:
            counts["right"] += 1
        elif mistake is None:
            counts["false alarm"] += 1
        elif first is None:
            counts["missed"] += 1
        else:
            counts["early" if first < mistake else "late"] += 1
    assert counts == figures


def test_right_solutions_are_rarely_faulted(data):
    packed = (data / "gsm8k" / "test.jsonl.gz").read_bytes()
    rows = [json.loads(line) for line in gzip.decompress(packed).split(b"\n") if line]
    found = [check_arithmetic(row["question"], row["answer"].split("\n")) for row in rows]
    assert sum(any(faults) for faults in found) == 4, "and in these four an equation is indeed false"
    assert sum(all(fault is None for fault in faults) for faults in found) == 200, "nothing to check"
