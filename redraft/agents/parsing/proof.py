"""The formal proof in a reply: a fenced block. Whether it repeats the statement, and how it ends, is its prover's."""

from __future__ import annotations

from redraft.agents.parsing.code import fenced
from redraft.agents.parsing.visible import unread, visible
from redraft.schema import Unparsed

_LANGUAGES = frozenset({"", "coq", "rocq", "gallina", "v", "lean", "lean4", "isabelle", "isar", "thy"})


def parse_proof(text: str, name: str = "") -> str | Unparsed:
    """What the reply gives as formal proof of the theorem `name`.

    Of several blocks it is the last that names the theorem, or else the last. Unparsed where there is no block: a proof
    without bars cannot be told from words about it.
    """
    said = visible(text)
    if isinstance(said, Unparsed):
        return said
    if blocks := fenced(said, _LANGUAGES):
        return ([block for block in blocks if name in block] or blocks)[-1]
    return unread(text, "no fenced block with a proof in it")
