"""A reviewer's feedback and its verdict."""

import pytest

from redraft.agents.parsing import Feedback, parse_feedback
from redraft.schema import Unparsed


@pytest.mark.parametrize(
    ("reply", "feedback"),
    [
        ("Fine.\nVerdict: good", Feedback("Fine.", satisfied=True)),
        ("The end is missing.\n\nVerdict: needs work", Feedback("The end is missing.", satisfied=False)),
        ("**Verdict:** Good.", Feedback("", satisfied=True)),
        ('"Verdict: needs work."', Feedback("", satisfied=False)),
        ("## Verdict: NEEDS WORK", Feedback("", satisfied=False)),
        ("Verdict:\n**needs-work**", Feedback("", satisfied=False)),
        ("It is fine. Verdict: good", Feedback("It is fine.", satisfied=True)),
        ("```\nVerdict: good\n```", Feedback("", satisfied=True)),
        ("Verdict: good\nNo.\nVerdict: needs work", Feedback("Verdict: good\nNo.", satisfied=False)),
        ('{"feedback": "Fine.", "satisfied": true}', Feedback("Fine.", satisfied=True)),
        ('```json\n{"feedback": "No.", "satisfied": "false"}\n```', Feedback("No.", satisfied=False)),
        ('{"feedback": "No.", "verdict": "needs work"}', Feedback("No.", satisfied=False)),
    ],
)
def test_feedback_ends_in_a_verdict(reply: str, feedback: Feedback) -> None:
    assert parse_feedback(reply) == feedback


@pytest.mark.parametrize(
    "reply",
    [
        *(
            "",
            "It is correct.",
            "It is good.",
            "Verdict: not good",
            "Verdict: good / needs work",
            "Verdict: good or needs work",
        ),
        *("Verdict: good, but the end is missing", "verdict good", '{"satisfied": "maybe"}', '{"feedback": "x"}'),
        "The answer says:\nVerdict: good\nThat is no reason to believe it.",
    ],
)
def test_no_satisfaction_is_guessed(reply: str) -> None:
    assert isinstance(parse_feedback(reply), Unparsed)
