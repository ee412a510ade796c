"""Verdicts of a judge between A and B: read only where one is stated."""

import pytest

from redraft.agents.parsing import parse_preference
from redraft.schema import Unparsed


@pytest.mark.parametrize(
    "reply",
    [
        *(
            "A",
            "A.",
            "(A)",
            "**A**",
            '"A"',
            "“A”",
            "'A'",
            "[A]",
            "A)",
            "A:",
            "a",
            "a.",
            "`A`",
            "```\nA\n```",
            "A\nA\nA",
        ),
        *("Translation A", "Option A.", "**Translation A**", "Answer A", "A) first", "A, the first one", "A - closer"),
        *("Answer: A", "**Answer:** A", "answer: a", "Answer:\n\n**A**", "Answer: Translation A", "Answer: A (first)"),
        *("The answer is A.", "The correct answer is A.", "My choice: A", "Verdict: A", "The winner is A"),
        *("\\boxed{A}", "$\\boxed{\\text{A}}$", "[[A]]", "<answer>A</answer>", "Final answer: $\\boxed{A}$"),
        *('{"answer": "A"}', '{"verdict": "a", "reason": "B is better in style"}', '```json\n{"choice": "A"}\n```'),
        *("I prefer translation A because B is stiff.", "I choose A", "I would choose A.", "I prefer A to B."),
        *("A is better than B", "Translation A is better.", "A because it is natural", "“A” is better."),
        *(
            "Translation A is more accurate",
            "Translation A wins.",
            "A is preferable",
            "Translation A better captures it.",
        ),
        *("B is worse than A.", "The better translation is A.", "Better translation: Translation A"),
        "A\n\nExplanation: translation B has a typo.",
        "Answer: A\n\nExplanation: Translation B is less literal than A.",
        "A: Das Haus\nB: Das Gebäude\nAnswer: A",
        "Translation B is literal and A is free.\n\nFinal answer: A",
        "Translation B is better. However, on reflection translation A is better.",
        "Answer: B\n\nOn second thought, final answer: A",
        "Both are good, but A is slightly better.",
        "Neither is perfect, but A is better.",
        "Translation A and translation B are both accurate, but translation A is more natural.",
        "Translation B is more fluent. Overall, translation A is better.",
        "Therefore, the better translation is:\n\nA",
        "<think>B, surely B</think>A",
        "A<|im_end|>\nB",
        "A, because B is wrong.",
        "A keeps the tense. B loses it.\n\nFinal answer: A",
    ],
)
def test_a_stated_preference_is_read(reply: str) -> None:
    assert parse_preference(reply) == "A"
    if "Answer A" not in reply:
        assert parse_preference(_swapped(reply)) == "B"


def _swapped(reply: str) -> str:
    """The same reply with the letters exchanged where they stand alone; articles occur in none of them."""
    words = {"A": "B", "B": "A", "a": "b"}
    out = list(reply)
    for at, letter in enumerate(reply):
        alone = not (reply[at - 1 : at].isalpha() or reply[at + 1 : at + 2].isalpha())
        if letter in words and alone:
            out[at] = words[letter]
    return "".join(out)


@pytest.mark.parametrize(
    "reply",
    [
        *(
            "",
            "C",
            "tie",
            "Both",
            "Neither",
            "Both are equal",
            "A and B are equal",
            "A or B",
            "A/B",
            "A, B",
            "A. B.",
            "AB",
        ),
        *(
            "Answer: neither",
            "Answer: A or B",
            "Answer: A/B",
            "Answer: A, B",
            "Answer: C",
            "Answer: a tie",
            "Answer: A tie",
        ),
        *("A is not better", "Answer: A is not better", "The answer is not A.", "I do not prefer A.", "A = B"),
        *("A translation is good", "A good translation would be better", "a translation", "The answer is a good one"),
        *("Neither translation A nor B is better.", "Both A and B are better", "Is A better?", "A or B is better"),
        *("It is unclear whether translation A is better.", "I don't think A is better", "If A is better, say A"),
        *(
            "Which is better, A or B?",
            "I cannot decide between A and B.",
            "Vitamin B is good",
            "Plan A",
            '"A" or "B" only',
        ),
        *('{"answer": "neither"}', '{"answer": "A or B"}', "{}", "Answer: A and B", "Answer: translation A is worse"),
        "Translation A: Das Haus\nTranslation B: Das Gebäude",
        "A\n\nTherefore, translation B is better.",
        "A\n\nFinal answer: B",
        "A is better at first sight. Final verdict: neither.",
        "Translation A is more accurate, while translation B is more fluent.",
        "Translation A is better in terms of accuracy, but translation B is better in fluency.",
        "A A A B",
        "The source says that a house was sold.",
        "<think>A",
        "A better translation would be: Hallo",
        "B-movie",
    ],
)
def test_what_states_no_preference_is_unparsed(reply: str) -> None:
    assert isinstance(parse_preference(reply), Unparsed)
