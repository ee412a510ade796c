"""Lyra: write a formal proof, let the prover's automation mend it, and have the model redo it by the prover's error.

Zheng et al. 2023 (arXiv 2309.15806), on Draft, Sketch, Prove (Jiang et al., ICLR 2023, arXiv 2210.12283).
Draft -> write -> correct -> verify -> draft ..., until a proof is verified or the attempts end.

As the paper: an informal proof, given or drafted, leads the formal one; Tool Correction replaces steps that fail by the
prover's own tools, the first that works; Conjecture Correction shows the model its last attempt, the step that failed
and the error, in chains of one fresh attempt and four refinements within 200 attempts at temperature 0.7. Ours: the
prompts, zero-shot; the error told is that of the step as the model wrote it, not of the last tool tried, with the goals
that were open; the chain goes on from the proof with the tools in it, which is also what is kept and verified (in the
authors' code neither); the informal proof is drafted anew every `redraft` attempts; `parallel` chains go on side by
side, and theirs are the attempts that count. A proof counts when a fresh process has verified it against the statement.
Without a proof `final` is the attempt of which most steps go through, among equals the later. Coq or Lean where the
paper has Isabelle, as the task says.

Calls per item: at most A attempts, and A / `redraft` drafts where no informal proof is given (one attempt less with a
draft given), + a check and at most one verification for each; chains of `parallel` at once. Signal: tool.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial
from typing import Annotated, cast

from langgraph.graph import END, START
from pydantic import Field

from redraft.agents.parsing import visible
from redraft.agents.parsing.proof import parse_proof
from redraft.graphs.graph import Graph
from redraft.graphs.method import Method, Roles, Settings
from redraft.graphs.state import State, stopped_by
from redraft.models.base import Regex, Sampling
from redraft.schema import Draft, Failure, Missing, Noun, Revision, StopReason, TheoremTask, Unparsed, Verdict
from redraft.tools.provers import Problem, Prover, ProverMissing
from redraft.tools.provers.correction import Corrected, correct
from redraft.tools.provers.on_demand import OnDemand
from redraft.tools.provers.telling import told
from redraft.tools.sandbox import SandboxUnusable
from redraft.verifiers.code import may_run_unsafe
from redraft.verifiers.formal import stated, unusable, verdict_of

BLANKS = frozenset({"statement", "prover", "hole", "informal_statement", "informal"})


class Config(Settings):
    """The paper's numbers (section 4.1); `redraft`, `seconds` and `parallel` are ours."""

    tool_correction: bool = True
    """Replace failing steps; without, only the holes that the model left are filled, as in Draft, Sketch, Prove."""
    conjecture_correction: bool = True
    """Refine by the prover's error; without, every attempt is a fresh one."""
    attempts: Annotated[int, Field(ge=1)] = 200
    chain: Annotated[int, Field(ge=1)] = 5
    """Attempts in a row, the first of them fresh."""
    parallel: Annotated[int, Field(ge=1)] = 1
    """Chains at once."""
    redraft: Annotated[int, Field(ge=1)] = 10
    """Attempts after which the informal proof is drafted anew, if none was given."""
    seconds: Annotated[float, Field(gt=0)] = 60.0
    """Wall time that tools have for one attempt."""
    guided: bool = False
    """Hold proofs to a block of at most `lines` lines, for servers with guided decoding: small models find no end."""
    lines: Annotated[int, Field(ge=1)] = 24
    temperature: float = 0.7
    max_tokens: int = 2048


class Attempt(Noun):
    """The latest attempt of a chain: as it was written, and with the prover's tools in it. `error` is what is wrong
    with it, empty where nothing was found; `done` the share of its steps that go through, `mended` how many give way
    to tools, and `why` what was wrong with these."""

    written: Draft
    proof: Draft
    error: str = ""
    done: float = 0.0
    mended: int = 0
    why: str = ""


class LyraState(State, total=False):
    """`informal` leads the attempts; `written` is what came of this round, and `chains` the attempts made of it, both
    in the order of the chains; `earlier` are the attempts that this round refines; `best` is the score of `final`."""

    informal: str
    written: list[Draft | Unparsed | Failure]
    chains: list[Attempt | None]
    earlier: list[Attempt | None]
    best: float


def build(roles: Roles, config: Config) -> Graph[LyraState]:
    """Draft, write, correct and verify, in rounds of one attempt for each chain."""
    sampling = Sampling(temperature=config.temperature, max_tokens=config.max_tokens)
    drafter = roles.agent("drafter", "lyra-informal", BLANKS, visible, sampling)
    form = Regex(rf"```\n(?:[^`\n]{{1,100}}\n){{1,{config.lines}}}```") if config.guided else None
    generator = roles.agent("generator", "lyra-formal", BLANKS, parse_proof, sampling, form)
    refiner = roles.agent("refiner", "lyra-refine", BLANKS | {"draft", "error"}, parse_proof, sampling, form)
    provers = roles.own(OnDemand(unsafe=may_run_unsafe()))
    width = min(config.parallel, config.attempts)
    rounds = -(-config.attempts // width)

    def posed(state: LyraState) -> tuple[Prover, Problem]:
        found = stated(provers, state["task"])
        assert not isinstance(found, Failure)  # `draft` ends the method where it is one.
        return found

    async def draft(state: LyraState) -> LyraState:
        task, done = cast(TheoremTask, state["task"]), state.get("steps", []).count("draft")
        found = stated(provers, task)
        if isinstance(found, Failure):
            return {"verdicts": [found], "stop": StopReason.FAILED}
        if task.informal_proof or (done and done * width // config.redraft == (done - 1) * width // config.redraft):
            return {"informal": state.get("informal", task.informal_proof)}
        text = await replace(drafter, repeat=done)(**shown(task, found[0], ""))
        return {"informal": text if isinstance(text, str) else ""}

    async def write(state: LyraState) -> LyraState:
        task, done = cast(TheoremTask, state["task"]), state["steps"].count("write")
        prover, problem = posed(state)
        fresh = not config.conjecture_correction or done % config.chain == 0
        earlier: list[Attempt | None] = [None] * width if fresh else state["chains"]
        blanks = shown(task, prover, state["informal"])

        async def one(number: int, before: Attempt | None) -> Draft | Missing:
            if done == number == 0 and task.draft is not None:
                return Draft(text=task.draft, node="input")
            writer = generator if before is None else refiner
            last = {} if before is None else {"draft": before.proof.text, "error": before.error}
            parse = partial(parse_proof, name=problem.name)
            text = await replace(writer, parse=parse, repeat=done * width + number)(**blanks, **last)
            return Draft(text=text, node="write") if isinstance(text, str) else text

        written = await asyncio.gather(*(one(number, before) for number, before in enumerate(earlier)))
        drafts = [each for each in written if isinstance(each, Draft)]
        update: LyraState = {"written": written, "drafts": drafts, "earlier": earlier}
        if all(isinstance(each, Failure) for each in written):
            update["stop"] = stopped_by(cast(Failure, written[0]))
        elif "final" not in state and drafts:
            update["final"] = drafts[0]
        return update

    async def correct_tools(state: LyraState) -> LyraState:
        prover, problem = posed(state)

        async def one(written: Draft | Missing) -> Attempt | Failure | None:
            if not isinstance(written, Draft):
                return None
            proof = prover.proof(problem, written.text)
            try:
                found = await correct(
                    prover, problem, proof, holes_only=not config.tool_correction, seconds=config.seconds
                )
            except (ProverMissing, SandboxUnusable) as error:
                return unusable(error)
            return attempted(written, proof, found)

        attempts = await asyncio.gather(*map(one, state["written"]))
        if failures := [each for each in attempts if isinstance(each, Failure)]:
            return {"verdicts": [failures[0]], "stop": StopReason.FAILED}
        chains = cast(list[Attempt | None], attempts)
        return {"chains": chains, "drafts": [each.proof for each in chains if each and each.mended]}

    async def verify(state: LyraState) -> LyraState:
        prover, problem = posed(state)

        async def one(attempt: Attempt | None) -> tuple[Attempt, Verdict] | None:
            if attempt is None:
                return None
            if attempt.error:
                verdict = Verdict(
                    verifier="prover", signal="tool", score=attempt.done, passed=False, evidence=attempt.error
                )
                return attempt, verdict
            verdict = verdict_of(await prover.verify(problem, attempt.proof.text), "prover")
            return attempt.model_copy(update={"error": "" if verdict.passed else verdict.evidence}), verdict

        tried = await asyncio.gather(*map(one, state["chains"]))
        update: LyraState = {"chains": [each and each[0] for each in tried], "verdicts": [], "revisions": []}
        best = state.get("best", -1.0)
        for each, before in zip(tried, state["earlier"], strict=True):
            if each is None:
                continue
            attempt, verdict = each
            stands = verdict.score >= best and best < 1
            if stands:
                best, update["final"] = verdict.score, attempt.proof
            made = revised(before, attempt, verdict, stands)
            update["revisions"] += made
            update["verdicts"] += [] if made else [verdict]
        update["best"] = best
        update["scores"] = counted(state, update)
        if best == 1:
            update["stop"] = StopReason.SATISFIED
        elif state["steps"].count("verify") + 1 == rounds:
            update["stop"] = StopReason.ROUND_LIMIT
        return update

    graph = Graph(LyraState)
    graph.nodes(draft, write, correct_tools, verify)
    graph.chain(START, "draft")
    graph.branch("draft", lambda state: END if "stop" in state else "write", "write", END)
    graph.branch("write", lambda state: END if "stop" in state else "correct_tools", "correct_tools", END)
    graph.branch("correct_tools", lambda state: END if "stop" in state else "verify", "verify", END)
    graph.loop("verify", lambda state: "stop" not in state, back_to="draft", at_most=rounds)
    return graph


def shown(task: TheoremTask, prover: Prover, informal: str) -> dict[str, object]:
    """What the roles see of the theorem."""
    return {
        "statement": task.statement,
        "prover": prover.name,
        "hole": prover.hole,
        "informal_statement": task.informal_statement,
        "informal": informal,
    }


def attempted(written: Draft, proof: str, found: Corrected) -> Attempt:
    """The attempt that Tool Correction made of `proof`, which is the proof in `written`."""
    why = [told(each.diagnostic, (), proof) + f"\nInstead:\n{each.step}" for each in found.replacements]
    return Attempt(
        written=written,
        proof=Draft(text=found.proof, node="correct_tools" if why else written.node),
        error=told(found.diagnostic, found.goals, proof) if found.diagnostic else "",
        done=found.done,
        mended=len(why),
        why="\n\n".join(why),
    )


def revised(before: Attempt | None, attempt: Attempt, verdict: Verdict, stands: bool) -> list[Revision]:
    """Conjecture Correction as a revision of the attempt before, and Tool Correction as one of what was written."""
    made = []
    if before is not None:
        judged = () if attempt.mended else (verdict,)
        made.append(
            Revision(
                before=before.proof, feedback=before.error, after=attempt.written, verdicts=judged, accepted=stands
            )
        )
    if attempt.mended:
        made.append(
            Revision(
                before=attempt.written,
                feedback=attempt.why,
                after=attempt.proof,
                verdicts=(verdict,),
                accepted=stands,
            )
        )
    return made


def counted(state: LyraState, update: LyraState) -> dict[str, float]:
    """Attempts that were read, those that refined another, steps that gave way to tools, and whether one is proved."""
    before, chains = state.get("scores", {}), [each for each in state["chains"] if each is not None]
    refined = sum(a is not None and b is not None for a, b in zip(state["chains"], state["earlier"], strict=True))
    return {
        "attempts": before.get("attempts", 0.0) + len(chains),
        "conjecture_corrections": before.get("conjecture_corrections", 0.0) + refined,
        "tool_corrections": before.get("tool_corrections", 0.0) + sum(each.mended for each in chains),
        "proved": float(update["best"] == 1),
    }


METHOD = Method(
    name="lyra",
    title="Lyra",
    paper="Zheng et al. 2023, arXiv 2309.15806",
    roles={
        "drafter": "writes an informal proof where none is given",
        "generator": "writes a formal proof along it",
        "refiner": "writes the formal proof again by the prover's error",
    },
    signal="tool",
    cost="at most A attempts + A / redraft informal drafts (none where one is given), + a check of each",
    chain="2 for each of A / parallel rounds",
    prompts=("lyra-informal", "lyra-formal", "lyra-refine"),
    config=Config,
    build=build,
    kinds=frozenset({"theorem"}),
)
