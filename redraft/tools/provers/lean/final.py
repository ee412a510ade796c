"""What makes a Lean proof count: a module with the statement alone, one with the proof, and a third that holds the
second against the first and lists what it rests on.

The module with the statement is compiled before the proof is read, so that no notation of the proof's is in it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from redraft.tools.provers.base import Diagnostic, Kind, Problem, ProverCrash, Result, Status, Unstated
from redraft.tools.provers.lean.forbidden import forbidden
from redraft.tools.provers.lean.messages import axioms
from redraft.tools.provers.lean.reports import given_up, reported
from redraft.tools.provers.lean.source import bare, imports, stated
from redraft.tools.provers.lean.toolchain import Toolchain

CLASSICAL = frozenset({"propext", "Classical.choice", "Quot.sound"})
"""What Lean's own library rests on. Not among them: `Lean.ofReduceBool`, which takes the compiler's word."""
_PINNED, _CANDIDATE, _SAME = "RedraftPinned", "RedraftCandidate", "RedraftSame"
_ASSIGNED = re.compile(r":=\s*(?:by\s*)?\Z")


async def verify(
    lean: Toolchain, problem: Problem, proof: str, allowed: frozenset[str], checker: Sequence[str], seconds: float
) -> Result:
    """Raises SandboxUnusable, ProverCrash, Unstated where Lean does not accept the header or the statement."""
    if found := forbidden(proof):
        return Result(Status.FAILED, proof, (found,))
    section, rest = imports(problem.header)
    statement = problem.statement[: len(_ASSIGNED.sub("", bare(problem.statement).rstrip()))]
    pinned = await lean.run(
        _PINNED, f"{section}\nnamespace {_PINNED}\n{rest}{statement} := sorry\n", seconds, keep=True
    )
    if pinned.errors or pinned.module is None:
        raise Unstated("; ".join(each.text for each in pinned.errors)[:4000] or "the statement makes no module")
    before, text = stated(problem, proof)
    candidate = await lean.run(_CANDIDATE, f"{before}{text}\n", seconds, keep=True)
    if candidate.errors:
        return reported(problem, proof, candidate)
    if candidate.module is None:
        raise ProverCrash("Lean made no module of the proof, and said nothing is wrong with it")
    modules = {_PINNED: pinned.module, _CANDIDATE: candidate.module}
    if checker:
        files = {f"{_CANDIDATE}.olean": candidate.module}
        status, said, _ = await lean.call([*checker, _CANDIDATE], files, seconds)
        if status:
            return Result(Status.FAILED, proof, (Diagnostic(Kind.TYPE, f"not replayed by the kernel: {said[-1000:]}"),))
    judge = (
        f"{section}\nimport {_PINNED}\nimport {_CANDIDATE}\n"
        f"theorem {_SAME} : type_of% @{_PINNED}.{problem.name} := @_root_.{problem.name}\n"
        f"#print axioms {_SAME}\n"
    )
    held = await lean.run("RedraftJudge", judge, seconds, modules)
    if held.errors:
        return Result(Status.STATEMENT_CHANGED, proof, (Diagnostic(Kind.TYPE, held.errors[0].text[:4000]),))
    answers = [axioms(each.text) for each in held.messages if each.severity == "information"]
    if len(answers) != 1 or (rests := answers[0]) is None:
        raise ProverCrash("Lean did not say what the proof rests on")
    if foreign := [each for each in rests if each not in allowed]:
        up = given_up(proof) if "sorryAx" in foreign else None
        status_ = Status.ADMITTED if "sorryAx" in foreign else Status.AXIOMS
        why = Diagnostic(Kind.UNSOLVED, f"The proof rests on {', '.join(foreign)}", up)
        return Result(status_, proof, (why,), axioms=rests)
    return Result(Status.PROVED, proof, axioms=rests)
