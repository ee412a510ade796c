"""Sends a system of equations to the sandbox, and reads what came back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from redraft.tools.sandbox import Kind, Limits, Program, Sandbox

SECONDS = 30
"""As long as the authors of Formulate-and-Solve give SymPy."""
_SCRIPT = Path(__file__).with_name("inside.py")
_MOST = 2_000


@dataclass(frozen=True, slots=True)
class Solved:
    """The solutions, each a number in words (`7/2 = 3.5`) by the unknown's name; or why there are none."""

    solutions: tuple[dict[str, str], ...] = ()
    why: str = ""

    @property
    def words(self) -> str:
        """Each solution on a line of its own, or why there is none."""
        return "\n".join(", ".join(f"{name} = {value}" for name, value in each.items()) for each in self.solutions) or (
            self.why
        )


async def solve_system(sandbox: Sandbox, equations: Sequence[str], seconds: int = SECONDS) -> Solved | None:
    """Solve equations `left = right` in a sandbox whose programs may import SymPy; None where it was lost.

    Raises SandboxUnusable.
    """
    text = _SCRIPT.read_text(encoding="utf-8")
    code = f"{text}\nimport json\ntry:\n    print(json.dumps(solve({list(equations)!r})))\n"
    code += "except (ValueError, SyntaxError, TypeError, AttributeError, NotImplementedError) as error:\n"
    code += "    print(json.dumps(str(error)))\n"
    report = await sandbox.run(Program(code), Limits(cpu=seconds, wall=1.5 * seconds))
    if report.program.kind is Kind.LOST:
        return None
    if report.program.kind is Kind.TIMED_OUT:
        return Solved(why=f"SymPy found no solution in {seconds} seconds")
    if not report.program.passed:
        return Solved(why=f"SymPy did not come to an end: {report.program.detail[-300:].strip()}")
    return _read(report.output)


def _read(output: str) -> Solved:
    try:
        said = json.loads(output) if len(output) <= _MOST else None
    except ValueError:
        said = None
    if isinstance(said, str):
        return Solved(why=said)
    if isinstance(said, list) and said and all(isinstance(each, dict) for each in said):
        return Solved(tuple({str(name): str(value) for name, value in each.items()} for each in said))
    return Solved(why="SymPy gave no solution that can be read")
