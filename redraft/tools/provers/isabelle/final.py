r"""What makes an Isabelle proof count: a theory with the statement alone, one with the proof, and a third that holds
the theorem of the second against that of the first and lists the oracles behind it.

The problem's header is a theory of its own, which the first two import; that with the proof may add no axiom.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from uuid import uuid4

from redraft.tools.provers.base import Diagnostic, Kind, Problem, ProverCrash, Result, Span, Status, Unstated
from redraft.tools.provers.isabelle.forbidden import forbidden
from redraft.tools.provers.isabelle.messages import Message, read
from redraft.tools.provers.isabelle.outer import theory, words
from redraft.tools.provers.isabelle.reports import reported
from redraft.tools.provers.isabelle.server import Server

_JUDGE = r"""theory {judge} imports {pinned} {candidate} begin
ML \<open>
  let
    val pinned = Global_Theory.get_thms \<^theory> "{pinned}.{name}"
    val found = Global_Theory.get_thms \<^theory> "{candidate}.{name}"
    val same = eq_list (op aconv) (map Thm.full_prop_of pinned, map Thm.full_prop_of found)
    val hyps = maps Thm.hyps_of found
    val axioms = Theory.axioms_of (Context.get_theory {{long = false}} \<^theory> "{candidate}")
    val oracles = map (#1 o #1) (Thm_Deps.all_oracles found)
  in
    writeln ("redraft " ^ Bool.toString same ^ " " ^ Int.toString (length hyps) ^ " " ^
      Int.toString (length axioms) ^ " " ^ String.concatWith "," oracles)
  end
\<close>
end
"""
_ANSWER = re.compile(r"redraft (true|false) (\d+) (\d+) ?(\S*)")


async def verify(server: Server, problem: Problem, proof: str, allowed: frozenset[str], seconds: float) -> Result:
    """Raises ProverCrash, ProverTimeout, Unstated where Isabelle does not accept the header or the statement."""
    if found := forbidden(proof):
        return Result(Status.FAILED, proof, (found,))
    once = uuid4().hex[:12]
    base, pinned, candidate, judge = (f"Redraft_{part}_{once}" for part in ("Base", "Pinned", "Candidate", "Judge"))
    before = f"theory {candidate} imports {base} begin\n{problem.statement}\n"
    texts = {
        base: f"{theory(problem.header, base)}\nend\n",
        pinned: f"theory {pinned} imports {base} begin\n{problem.statement}\nsorry\nend\n",
        candidate: f"{before}{proof}\nend\n",
        judge: _JUDGE.format(judge=judge, pinned=pinned, candidate=candidate, name=problem.name),
    }
    nodes = by_theory(await server.use(texts, seconds))
    for name in (base, pinned):
        if wrong := errors(nodes.get(name, ())):
            raise Unstated(wrong[0].text)
    if errors(nodes.get(candidate, ())):
        return reported(proof, nodes[candidate], texts[candidate], len(before))
    answers = [_ANSWER.fullmatch(each.text.strip()) for each in nodes.get(judge, ())]
    said = [each for each in answers if each is not None]
    if errors(nodes.get(judge, ())) or len(said) != 1:
        raise ProverCrash(
            f"Isabelle did not say what was proved: {[each.text for each in nodes.get(judge, ())]}"[:1000]
        )
    same, hyps, axioms, named = said[0].groups()
    oracles = tuple(sorted(set(named.split(",")))) if named else ()
    if same != "true" or hyps != "0":
        return Result(Status.STATEMENT_CHANGED, proof, (Diagnostic(Kind.TYPE, "another statement was proved"),))
    if foreign := [each for each in oracles if each not in allowed] + ["new axioms"] * (axioms != "0"):
        up = next((Span(w.start, w.end) for w in words(proof) if w.text in ("sorry", "oops") and not w.quoted), None)
        status = Status.ADMITTED if any("skip_proof" in each for each in foreign) else Status.AXIOMS
        why = Diagnostic(Kind.UNSOLVED, f"The proof rests on {', '.join(foreign)}", up)
        return Result(status, proof, (why,), axioms=oracles)
    return Result(Status.PROVED, proof, axioms=oracles)


def by_theory(result: Mapping[str, object]) -> dict[str, tuple[Message, ...]]:
    """The messages of each theory, by its own name. Raises ProverCrash where these are no results."""
    nodes = result.get("nodes")
    if not isinstance(nodes, list):
        raise ProverCrash("Isabelle's server gave no results")
    return {str(node["theory_name"]).rpartition(".")[2]: read(node) for node in nodes}


def errors(messages: tuple[Message, ...]) -> tuple[Message, ...]:
    return tuple(each for each in messages if each.kind == "error")
