"""What a reply says: the text after its reasoning and before its end-of-turn token. Every parser reads this first.

Knows the wrappings that models and servers leave around a reply, and nothing of what the reply is about.
"""

from __future__ import annotations

import re

from redraft.schema import Unparsed

# Turn openings that some servers hand over with the reply.
_OPENING = re.compile(
    r"\s*(?:<s>|<bos>|<\|begin_of_text\|>|<\|im_start\|>(?:assistant)?|<start_of_turn>(?:model)?"
    r"|<\|start_header_id\|>assistant<\|end_header_id\|>|<｜Assistant｜>)\s*"
)
_END_OF_TURN = re.compile(
    r"<\|(?:eot_id|eom_id|im_end|im_start|endoftext|end_of_text|return|END_OF_TURN_TOKEN|start_header_id)\|>"
    r"|</s>|<eos>|<end_of_turn>|<start_of_turn>|<｜end▁of▁sentence｜>"
)
_REASONING = re.compile(r"<(/?)(?:think|thinking|thought|reasoning)>|\[(/?)THINK\]", re.IGNORECASE)
# The channels of OpenAI's harmony format, with its tokens and as they look once a server has dropped those.
_CHANNEL = re.compile(r"<\|channel\|>(\w+)[^<]*<\|message\|>")
_BARE_CHANNEL = re.compile(r"analysis(?=\S).*assistantfinal", re.DOTALL)


def unread(raw: str, reason: str) -> Unparsed:
    """An `Unparsed` that can be written down, whatever the reply holds."""
    return Unparsed(raw=mend(raw), reason=reason)


def mend(text: str) -> str:
    """Join surrogate pairs, and put U+FFFD for half a pair, which no file could hold."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def visible(text: str) -> str | Unparsed:
    """The reply proper, stripped, with "\\n" as its only line end.

    Reasoning is dropped together with its tags; a closing tag alone ends reasoning that the prompt opened. Unparsed
    where reasoning was opened and never closed, and where nothing is left.
    """
    said = mend(text).replace("\r\n", "\n").replace("\r", "\n")
    if opening := _OPENING.match(said):
        said = said[opening.end() :]
    answer = _without_channels(said)
    answer = None if answer is None else _without_reasoning(_END_OF_TURN.split(answer, maxsplit=1)[0])
    if answer is None:
        return unread(text, "the reasoning never ended")
    answer = answer.strip().strip("\ufeff\u200b").strip()
    return answer or unread(text, "nothing after the reasoning" if text.strip() else "an empty reply")


def _without_channels(said: str) -> str | None:
    channels = list(_CHANNEL.finditer(said))
    if not channels:
        return said[bare.end() :] if (bare := _BARE_CHANNEL.match(said)) else said
    if channels[-1][1] != "final":
        return None
    return re.sub(r"<\|end\|>.*", "", said[channels[-1].end() :], flags=re.DOTALL)


def _without_reasoning(said: str) -> str | None:
    kept: list[str] = []
    position = depth = 0
    for tag in _REASONING.finditer(said):
        if tag[1] or tag[2]:
            if depth == 0:
                kept.clear()
            depth = max(0, depth - 1)
        else:
            if depth == 0:
                kept.append(said[position : tag.start()])
            depth += 1
        position = tag.end()
    return None if depth else "".join([*kept, said[position:]])
