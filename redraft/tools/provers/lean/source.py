"""Lean's text: comments, the import section, statements. Text only, no process.

Where a proof's steps begin and end is in `steps`; what may not stand in a proof, in `forbidden`.
"""

from __future__ import annotations

import re
import textwrap

from redraft.tools.provers.base import Problem, Unstated

_SKIPPED = re.compile(
    r"--[^\n]*"
    r"|(?P<comment>/-)"
    r'|r(?P<hashes>#*)"(?s:.*?)"(?P=hashes)'
    r'|"(?:[^"\\]|\\(?s:.))*"'
    r"|(?<![\w'!?.])'(?:[^'\\\n]|\\[^\n]{1,8}?)'"
    r"|«[^»\n]*»"
    r"|[^\W\d][\w'!?.]*"
)
_IMPORTS = re.compile(r"\s*(?:module|prelude|(?:(?:public|meta|private)\s+)*import\s[^\n]*)[ \t]*(?=\n|\Z)")
_STATES = re.compile(
    r"^(?:/--(?:(?!-/).)*-/\s*)?(?:@\[[^\]]*\]\s*)*(?:(?:protected|private|nonrec|noncomputable)\s+)*"
    r"(?:theorem|lemma)\s+(?P<name>(?:«[^»]*»|[^\W\d][\w'!?]*)(?:\.(?:«[^»]*»|[^\W\d][\w'!?]*))*)",
    re.MULTILINE | re.DOTALL,
)
_GIVEN_UP = re.compile(r"\s*\bsorry\s*\Z")
_TAKES_TACTICS = re.compile(r":=\s*by\s*\Z")


def bare(text: str) -> str:
    """`text` with blanks for its comments, as long as it was. A comment that never ends reaches to the end."""
    parts, at = [], 0
    while found := _SKIPPED.search(text, at):
        end = found.end()
        if found["comment"]:
            end = _comment_end(text, end)
        if found["comment"] or found[0].startswith("--"):
            parts += [text[at : found.start()], re.sub(r"[^\n]", " ", text[found.start() : end])]
        else:
            parts.append(text[at:end])
        at = end
    return "".join([*parts, text[at:]])


def problem(text: str) -> Problem:
    """The problem whose statement is the last theorem of `text`; all before it is the header. `sorry` may end it.

    A statement that ends with `:= by` is proved by tactics. Raises Unstated where there is no theorem.
    """
    text = _GIVEN_UP.sub("", text.rstrip()) if _GIVEN_UP.search(bare(text)) else text.rstrip()
    stated = list(_STATES.finditer(text))
    if not stated:
        raise Unstated(f"no theorem or lemma is stated: {text[:200]!r}")
    last = stated[-1]
    return Problem(last["name"], text[: last.start()], text[last.start() :])


def proof(problem: Problem, written: str) -> str:
    """What `written` has after it states `problem` again, or all of it, in the form that the statement asks for."""
    again = re.search(rf"\b(?:theorem|lemma)\s+{re.escape(problem.name)}(?![\w'.])", written)
    if again is not None:
        begins = re.compile(r":=\s*(?=by\b)").search(written, again.end()) or re.compile(":=").search(
            written, again.end()
        )
        written = written[begins.end() :] if begins else ""
    term = re.sub(r"\A\s*:=", "", written)
    if takes_tactics(problem):
        return _indented(re.sub(r"\A\s*by\b[ \t]*", "", term).strip("\n").rstrip())
    term = term.strip()
    return term if not term or re.match(r"by\b|\|", bare(term).lstrip()) else f"by exact ({term})"


def takes_tactics(problem: Problem) -> bool:
    """Whether the statement ends with `:= by`."""
    return _TAKES_TACTICS.search(bare(problem.statement)) is not None


def stated(problem: Problem, proof: str) -> tuple[str, str]:
    """What comes before the proof in a file, and the proof as it stands there: the file is both, one after another."""
    before = f"{problem.header}{problem.statement}"
    if takes_tactics(problem):
        return f"{before}\n", proof
    assigned = bare(before).rstrip().endswith(":=") or re.match(r"\s*(?::=|\|)", bare(proof))
    # A comment at the statement's end would go on over the proof.
    gap = " " if before.endswith(bare(before)[-1:]) else "\n"
    return (f"{before}{gap}" if assigned else f"{before}{gap}:= "), proof


def imports(header: str) -> tuple[str, str]:
    """The import section of a header, and what comes after it."""
    end = 0
    plain = bare(header)
    while found := _IMPORTS.match(plain, end):
        end = found.end()
    return header[:end], header[end:]


def place(text: str, line: int, column: int) -> int:
    """Where in `text` Lean's line (from 1) and column (from 0, in code points) are. Lean takes CRLF for a newline."""
    lines = text.split("\n")
    return min(sum(len(each) + 1 for each in lines[: line - 1]) + column, len(text))


def _comment_end(text: str, at: int) -> int:
    depth = 1
    for found in re.compile(r"/-|-/").finditer(text, at):
        depth += 1 if found[0] == "/-" else -1
        if depth == 0:
            return found.end()
    return len(text)


def _indented(tactics: str) -> str:
    """Tactics in the first column would end the theorem."""
    return textwrap.indent(tactics, "  ") if tactics[:1].strip() else tactics
