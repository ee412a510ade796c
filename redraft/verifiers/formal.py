"""Whether a draft proves the theorem of its task, by the prover that the task names.

What a proof is, and what makes one count, is `redraft.tools.provers`'.
"""

from __future__ import annotations

from redraft.agents.parsing.proof import parse_proof
from redraft.errors import ConfigError
from redraft.schema import Draft, Failure, Missing, Signal, Task, TheoremTask, Unparsed, Verdict
from redraft.tools.provers import Problem, Prover, ProverMissing, Result, Unstated
from redraft.tools.provers.on_demand import OnDemand
from redraft.tools.provers.telling import told
from redraft.tools.sandbox import SandboxUnusable
from redraft.verifiers.code import may_run_unsafe
from redraft.verifiers.kind import Kind, OpenModel, Options, read_options


class Formal:
    """Scores 1 where the prover verifies the proof, and 0 otherwise; the evidence says why.

    The proof is the last fenced block of the draft, or else all of it. `seconds` of wall time for a step, ten times
    that for a proof.
    """

    name = "prover"
    signal: Signal = "tool"

    def __init__(self, *, workers: int = 0, seconds: float = 10.0, unsafe: bool = False) -> None:
        self._provers = OnDemand(workers=workers, seconds=seconds, unsafe=unsafe)

    async def score(self, task: Task, draft: Draft) -> Verdict | Missing:
        """Verify the draft; Failure for a task that is no theorem, a statement that makes no sense, no prover."""
        found = stated(self._provers, task)
        if isinstance(found, Failure):
            return found
        prover, problem = found
        written = parse_proof(draft.text, problem.name)
        proof = prover.proof(problem, draft.text if isinstance(written, Unparsed) else written)
        try:
            return verdict_of(await prover.verify(problem, proof), self.name)
        except (ProverMissing, SandboxUnusable) as error:
            return unusable(error)

    async def aclose(self) -> None:
        """End every process."""
        await self._provers.aclose()


def stated(provers: OnDemand, task: Task) -> tuple[Prover, Problem] | Failure:
    """The prover for `task` and the problem that it poses."""
    if not isinstance(task, TheoremTask):
        return Failure(cause="wrong_kind", message=f"a prover takes a theorem task, not a {task.kind} task")
    try:
        prover = provers.get(task.prover)
        return prover, prover.problem(task.statement)
    except ConfigError as error:
        return Failure(cause="unknown_prover", message=str(error))
    except ProverMissing as error:
        return unusable(error)
    except Unstated as error:
        return Failure(cause="no_statement", message=str(error))


def verdict_of(result: Result, verifier: str) -> Verdict:
    """What `result` says of a draft; only what is verified passes."""
    wrong = [told(each, result.goals, result.proof) for each in result.diagnostics[:1]]
    evidence = "\n".join([result.status.value, *wrong])
    return Verdict(
        verifier=verifier, signal="tool", score=float(result.proved), passed=result.proved, evidence=evidence
    )


def unusable(error: ProverMissing | SandboxUnusable) -> Failure:
    """Why no proof can be checked here."""
    cause = "prover_missing" if isinstance(error, ProverMissing) else "sandbox_unusable"
    return Failure(cause=cause, message=str(error))


class _Options(Options):
    workers: int = 0
    seconds: float = 10.0


def _open(argument: str, _: OpenModel) -> Formal:
    model, options = read_options(argument, _Options)
    if model:
        raise ConfigError(f"prover:{argument}: the task names its prover; it is written prover[:?seconds=10&workers=0]")
    return Formal(workers=options.workers, seconds=options.seconds, unsafe=may_run_unsafe())


KIND = Kind(
    name="prover",
    argument="[?OPTIONS]",
    judges="draft",
    signal="tool",
    about="a fresh process of the task's prover verifies the proof",
    needs="Coq (Rocq), Lean or Isabelle",
    cost="a verification, about a second",
    source="miniF2F, Zheng et al., ICLR 2022",
    open=_open,
    tasks=frozenset({"theorem"}),
)
