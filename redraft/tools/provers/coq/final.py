"""What makes a proof count: compiled whole, then held against the statement by a process that never ran its text.

The second process elaborates the statement before the candidate is loaded, unifies its type with that of the
candidate's theorem, and prints what the whole rests on. What it cannot read is not proved.
"""

from __future__ import annotations

import asyncio
import re
import tempfile

from redraft.tools.provers.base import (
    Diagnostic,
    Kind,
    Problem,
    ProverCrash,
    ProverTimeout,
    Result,
    Span,
    Status,
    Unstated,
)
from redraft.tools.provers.coq.contained import Limits, Process, program, start
from redraft.tools.provers.coq.forbidden import forbidden, gives_up
from redraft.tools.provers.coq.idetop import Idetop, Wrong
from redraft.tools.provers.coq.messages import diagnose, status_of
from redraft.tools.provers.coq.sentences import code_point, split

REALS_AXIOMS = frozenset(
    {
        "Coq.Reals.ClassicalDedekindReals.sig_forall_dec",
        "Coq.Reals.ClassicalDedekindReals.sig_not_dec",
        "Coq.Logic.FunctionalExtensionality.functional_extensionality_dep",
        "Coq.Logic.Classical_Prop.classic",
    }
)
"""What Coq's real numbers rest on, and classical logic."""
_LIBRARY = ("-R", ".", "Redraft")
_ERROR = re.compile(r'File "[^"]*", line (\d+), characters (\d+)-(\d+):\s*\nError:\s*(.*)', re.DOTALL)
_AXIOM = re.compile(r"([\w.']+)(?:\s*:\s.*|\s*:)?")
_OWN = "Redraft."


class Final:
    """Verifies proofs. `prelude` is what a proof may use beside its problem's header; the statement never sees it."""

    def __init__(self, prelude: str, axioms: frozenset[str], limits: Limits, seconds: float, unsafe: bool) -> None:
        self._prelude, self._axioms = prelude, axioms
        self._limits, self._seconds, self._unsafe = limits, seconds, unsafe

    async def verify(self, problem: Problem, proof: str) -> Result:
        """Raises ProverMissing, SandboxUnusable, ProverCrash, Unstated."""
        if found := forbidden(proof):
            return Result(Status.FAILED, proof, (found,))
        compiled = await self._compile(problem, proof)
        if isinstance(compiled, Diagnostic):
            return Result(status_of(compiled), proof, (compiled,))
        return await self._hold(problem, proof, compiled)

    async def _compile(self, problem: Problem, proof: str) -> bytes | Diagnostic:
        """The compiled candidate. Raises ProverCrash."""
        before = f"{self._prelude}\n{problem.header}\n{problem.statement}\n"
        source = f"{before}{proof}\n".encode("utf-8", "replace")
        command = [*program("compile"), "-q", "-w", "none", *_LIBRARY, "Candidate.v"]

        def outcome(process: Process, status: int, said: str) -> bytes | Diagnostic:
            file = process.folder / "Candidate.vo"
            if status == 0 and file.is_file() and not file.is_symlink():
                return file.read_bytes()
            if found := _ERROR.search(said):
                span = _span(before, proof, *map(int, found.groups()[:3]))
                return diagnose(found[4], span)
            if "Error:" in said:
                return diagnose(said.partition("Error:")[2])
            raise ProverCrash(f"coqc ended with status {status}: {said[-300:]}")

        with tempfile.TemporaryFile() as output:
            process = await start(
                command, self._limits, files={"Candidate.v": source}, output=output, unsafe=self._unsafe
            )
            try:
                async with asyncio.timeout(self._seconds):
                    status = await process.wait()
            except TimeoutError:
                raise ProverTimeout(f"coqc had to be ended after {self._seconds:g} s") from None
            else:
                output.seek(0)
                return outcome(process, status, output.read(1 << 20).decode("utf-8", "replace"))
            finally:
                await process.close()

    async def _hold(self, problem: Problem, proof: str, compiled: bytes) -> Result:
        """Hold the compiled candidate against the statement. Raises ProverCrash, Unstated."""
        top = await Idetop.start(self._limits, options=_LIBRARY, files={"Candidate.vo": compiled}, unsafe=self._unsafe)
        try:
            pinned = f"Definition redraft_pinned := ltac:(let t := type of {problem.name} in exact t)."
            text = f"{problem.header}\n{problem.statement}\nAdmitted.\n{pinned}\n"
            tip = await state_after(top, text, top.root, self._seconds)
            tip = await state_after(top, "Require Redraft.Candidate.", tip, self._seconds)
            same = f"Definition redraft_same : redraft_pinned := @Redraft.Candidate.{problem.name}."
            try:
                tip = await state_after(top, same, tip, self._seconds)
            except Unstated as error:
                return Result(Status.STATEMENT_CHANGED, proof, (Diagnostic(Kind.TYPE, str(error)),))
            axioms = await _rests_on(top, tip, self._seconds)
        finally:
            await top.close()
        if foreign := [each for each in axioms if re.sub(r"^(?:Stdlib|Corelib)\.", "Coq.", each) not in self._axioms]:
            own = any(each.startswith(_OWN) for each in foreign)
            up = next((span for span in split(proof) if gives_up(proof[slice(*span)])), None)
            status = Status.ADMITTED if own and up else Status.AXIOMS
            why = Diagnostic(Kind.UNSOLVED, f"The proof rests on {', '.join(foreign)}", Span(*up) if up else None)
            return Result(status, proof, (why,), axioms=axioms)
        return Result(Status.PROVED, proof, axioms=axioms)


async def state_after(top: Idetop, text: str, tip: int, seconds: float) -> int:
    """The state after the sentences of `text`. Raises Unstated where one is wrong, ProverCrash."""
    for start_, end in split(text):
        added = await top.add(text[start_:end], tip, seconds)
        said = added if isinstance(added, Wrong) else await top.run(seconds)
        if isinstance(added, Wrong) or isinstance(said, Wrong):
            wrong = said if isinstance(said, Wrong) else added
            assert isinstance(wrong, Wrong)
            raise Unstated(f"{wrong.message} (in: {text[start_:end][:200]})")
        tip = added
    return tip


async def _rests_on(top: Idetop, tip: int, seconds: float) -> tuple[str, ...]:
    """The full names of the axioms, and every line that is not one, as it is. Raises ProverCrash."""
    said = await top.query("Print Assumptions redraft_same.", tip, seconds)
    if said == "Closed under the global context":
        return ()
    if isinstance(said, Wrong) or not said.startswith("Axioms:\n"):
        return (str(said)[:1000],)
    axioms = []
    for line in said.split("\n")[1:]:
        if line.startswith(" "):
            continue
        if found := _AXIOM.fullmatch(line):
            # What is printed is the shortest name, which a proof might make another's.
            about = await top.query(f"About {found[1]}.", tip, seconds)
            full = re.search(r"^Expands to:\s+Constant\s+([\w.']+)\Z", str(about), re.MULTILINE)
            axioms.append(full[1] if full else line)
        else:
            axioms.append(line)
    return tuple(axioms)


def _span(before: str, proof: str, line: int, start_: int, end: int) -> Span | None:
    """Where in `proof` line and bytes of the whole file are; None where they are before it."""
    whole = before + proof
    offset = len("\n".join(whole.split("\n")[: line - 1]).encode("utf-8", "replace")) + (line > 1)
    first, last = (code_point(whole, offset + byte) - len(before) for byte in (start_, end))
    return Span(first, min(last, len(proof))) if 0 <= first < len(proof) else None
