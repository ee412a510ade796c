"""Program of thought: a question's answer is what a program prints (Chen et al., TMLR 2023, arXiv 2211.12588).

Running such a program and reading its answer is here; writing it, and what the answer decides, are a method's.
"""

from __future__ import annotations

import math

from redraft.agents.parsing import parse_code
from redraft.agents.parsing.answer import parse_answer
from redraft.schema import Draft, Failure, Missing, Unparsed, Verdict
from redraft.tools.sandbox import Kind, Limits, Program, Sandbox, SandboxUnusable

MOST = 2_000
"""Characters of output; a program that prints more does not print an answer."""


async def compute(
    sandbox: Sandbox,
    draft: Draft,
    limits: Limits = Limits(),  # noqa: B008 Frozen.
) -> tuple[Draft, Verdict | Missing]:
    """Run the program in `draft`: the draft with the answer that it printed, its last line, and what came of the run.

    The verdict's score is 1 where the program printed an answer, 0 where it did not, and 0.5 for a draft that is no
    program and yet has an answer. Whether the answer is right nobody says. Failure where the program could not be run.
    """
    program = parse_code(draft.text)
    if isinstance(program, Unparsed):
        answer = parse_answer(draft.text)
        told = "It is no program, so nothing was run."
        if isinstance(answer, Unparsed):
            return draft, _verdict(0.0, told)
        return draft.model_copy(update={"answer": answer}), _verdict(0.5, told)
    try:
        report = await sandbox.run(Program(program), limits)
    except SandboxUnusable as error:
        return draft, Failure(cause="sandbox_unusable", message=str(error))
    if report.program.kind is Kind.LOST:
        return draft, Failure(cause="sandbox_lost", message=report.program.detail)
    printed = report.output.strip()
    if not report.program.passed:
        return draft, _verdict(
            0.0, f"It did not run to its end: {report.program.kind}\n{report.program.detail}".strip()
        )
    if not printed or len(printed) > MOST:
        return draft, _verdict(0.0, "It printed too much to be an answer." if printed else "It printed nothing.")
    answer = printed.splitlines()[-1].strip()
    return draft.model_copy(update={"answer": answer}), _verdict(1.0, f"It printed:\n{printed}")


def same_answer(one: str | None, other: str | None) -> bool:
    """Whether two programs printed the same: the same text, or numbers that differ by rounding only."""
    if one is None or other is None:
        return False
    try:
        return one == other or math.isclose(float(one), float(other), rel_tol=1e-9)
    except ValueError:
        return False


def _verdict(score: float, evidence: str) -> Verdict:
    return Verdict(verifier="interpreter", signal="tool", score=score, passed=score == 1, evidence=evidence)
