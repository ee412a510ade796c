"""What a reply says once its reasoning and the server's tokens are gone."""

import pytest

from redraft.agents.parsing import visible
from redraft.schema import Unparsed


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        ("plain", "plain"),
        ("<think>it is B</think>\n\nA", "A"),
        ("<thinking>x</thinking>A<reasoning>y</reasoning>", "A"),
        ("<THINK>x</THINK>A", "A"),
        ("the prompt opened the reasoning</think>A", "A"),
        ("[THINK]x[/THINK]A", "A"),
        ("<think>a <think>b</think> c</think>A", "A"),
        ("A<|eot_id|>B", "A"),
        ("A<|im_end|>\n<|im_start|>user\nB", "A"),
        ("A</s>B", "A"),
        ("A<end_of_turn>\n", "A"),
        ("<|im_start|>assistant\nA<|im_end|>", "A"),
        ("<|channel|>analysis<|message|>B?<|end|><|start|>assistant<|channel|>final<|message|>A<|return|>", "A"),
        ("analysisB, I thinkassistantfinalA", "A"),
        ("a\r\nb", "a\nb"),
        ("\ufeffA\u200b", "A"),
        ("half a \ud83d pair, a whole \ud83d\ude00", "half a \ufffd pair, a whole 😀"),
    ],
)
def test_reasoning_and_tokens_are_dropped(reply: str, said: str) -> None:
    assert visible(reply) == said


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        ("", "an empty reply"),
        (" \n ", "an empty reply"),
        ("<think>A or B", "the reasoning never ended"),
        ("A<think>or B", "the reasoning never ended"),
        ("<|channel|>analysis<|message|>A", "the reasoning never ended"),
        ("<think>A</think>", "nothing after the reasoning"),
        ("<|eot_id|>A", "nothing after the reasoning"),
    ],
)
def test_a_reply_that_never_came_is_unparsed(reply: str, reason: str) -> None:
    assert visible(reply) == Unparsed(raw=reply, reason=reason)


def test_what_is_unparsed_can_always_be_written_down() -> None:
    unparsed = visible("<think>\ud83d")
    assert isinstance(unparsed, Unparsed)
    assert unparsed.model_dump_json().encode()
