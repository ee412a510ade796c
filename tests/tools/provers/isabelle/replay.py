r"""Isabelle's server as far as recorded replies go: those that the package isabelle-client carries, word for word, with
the places and names in them moved to the theory that was asked about.

    python replay.py FOLDER server -c -n NAME      FOLDER holds the replies; speaks on its standard input and output

What no recording shows (several theories at once, the judge's answer) is in the documented form, and depends on words
in the theories alone: nothing is proved here. It ends when its input does.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

PASSWORD = "a-password"
GREETING = b'OK {"isabelle_id":"1","isabelle_name":"Isabelle2025-2"}\n'
LATE = "never_ends"
"""Where a theory says this, no answer comes; where it says the next, the server goes."""
GONE = "kills_server"


def framed(text: str) -> bytes:
    """As the server writes it: long messages after their length."""
    content = text.encode()
    return content + b"\n" if len(content) < 100 else b"%d\n%b" % (len(content) + 1, content + b"\n")


def commands(read: Callable[[], bytes], more: Callable[[int], bytes]) -> Iterable[tuple[str, dict[str, object]]]:
    """The commands of a client, until it says no more."""
    while line := read():
        if line.strip().isdigit():
            line = more(int(line))
        name, _, arguments = line.decode().strip().partition(" ")
        yield name, json.loads(arguments or "{}")


def answer(recorded: Path, name: str, arguments: dict[str, object], work: Path) -> bytes | None:
    """What the server says to a command; None where it says nothing."""
    if name != "use_theories":
        known = (recorded / name).is_file()
        # Some of the recordings lack their last newline, some have one too many.
        return (recorded / name).read_bytes().rstrip() + b"\n" if known else framed(f'ERROR "Bad command {name}"')
    names = [str(each) for each in arguments["theories"]]  # type: ignore[attr-defined]
    folder = work / str(arguments["master_dir"])
    texts = {each: (folder / f"{each}.thy").read_text("utf-8") for each in names}
    if any(LATE in text for text in texts.values()):
        return None
    if len(names) > 1:
        return _in_turn(texts)
    [(theory, text)] = texts.items()
    kind, word = ("", "theorem")
    if re.search(r"\bsledgehammer\b", text):
        kind, word = (".Sledgehammer", "sledgehammer")
    elif "by wrong" in text:
        kind, word = (".Fail", "by wrong")
    return _moved((recorded / f"use_theories{kind}").read_bytes(), theory, text, word)


def _moved(recording: bytes, theory: str, text: str, word: str) -> bytes:
    """The recorded reply as if it were about this theory: where it points to, `word` is."""
    before, _, last = recording.decode().rpartition("\nFINISHED ")
    result = json.loads(last)
    # Isabelle counts `\<forall>` as one; here every such symbol is put as one letter first.
    start = re.sub(r"\\<\w+>", "x", text).index(word) + 1
    for each in (*result["errors"], *(m for node in result["nodes"] for m in node["messages"])):
        each["pos"] |= {"offset": start, "end_offset": start + len(word.split()[0]), "file": f"{theory}.thy"}
    for node in result["nodes"]:
        node |= {"theory_name": f"Draft.{theory}", "node_name": f"{theory}.thy"}
    return before.rpartition("\n")[0].encode() + b"\n" + framed(f"FINISHED {json.dumps(result)}")


def _in_turn(texts: dict[str, str]) -> bytes:
    candidate = next(text for name, text in texts.items() if "Candidate" in name)
    judged = "redraft true 0 0 "
    judged = "redraft false 0 0 " if "by another" in candidate else judged
    judged = "redraft true 0 0 Pure.skip_proof" if "sorry" in candidate else judged
    judged = "redraft true 0 0 HOL.eval" if "by eval" in candidate else judged
    judged = "redraft true 0 1 " if "by own_facts" in candidate else judged
    nodes = []
    for name, text in texts.items():
        said: list[tuple[str, str]] = [("writeln", judged)] if "Judge" in name else []
        if "wrong_type" in text:
            said.append(("error", 'Undefined type name: "wrong_type"'))
        pos = {"line": 1, "offset": 1, "end_offset": 2, "file": f"{name}.thy"}
        messages = [{"kind": kind, "message": message, "pos": pos} for kind, message in said]
        nodes.append({"messages": messages, "theory_name": f"Draft.{name}", "node_name": f"{name}.thy"})
    result = {"ok": True, "errors": [], "nodes": nodes, "task": "1"}
    return framed('OK {"task":"1"}') + framed(f"FINISHED {json.dumps(result)}")


if __name__ == "__main__":
    out = sys.stdout.buffer
    out.write(b'server "redraft" = 127.0.0.1:4711 (password "of-its-own")\n' + GREETING)
    out.flush()
    for command, given in commands(sys.stdin.buffer.readline, sys.stdin.buffer.read):
        if GONE in "".join(path.read_text("utf-8") for path in Path().glob("*.thy")):
            sys.exit(1)
        if (said := answer(Path(sys.argv[1]), command, given, Path())) is not None:
            out.write(said)
            out.flush()
