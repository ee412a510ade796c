"""What may not stand in a Lean proof: anything after the theorem's own proof, code that runs, options that switch
checks off. It keeps a candidate's syntax out of the file that judges it.

A step that gives up is no such thing: `sorry` is an axiom, and found among those.
"""

from __future__ import annotations

import re

from redraft.tools.provers.base import Diagnostic, Kind, Span
from redraft.tools.provers.lean.source import bare

OPTIONS = frozenset({"maxRecDepth", "maxHeartbeats", "synthInstance.maxHeartbeats", "synthInstance.maxSize"})
"""Those that a proof may set: what they allow it costs time, nothing else."""
_COMMANDS = (
    "theorem lemma def abbrev instance axiom constant opaque example inductive coinductive structure class mutual "
    "notation notation3 infix infixl infixr prefix postfix mixfix binder_predicate unif_hint macro macro_rules syntax "
    "declare_syntax_cat elab elab_rules attribute export namespace section end variable variables universe import "
    "module prelude initialize builtin_initialize deriving private protected noncomputable unsafe partial nonrec "
    "public meta scoped local include omit run_cmd run_elab run_meta run_tac by_elab simproc dsimproc simproc_decl "
    "dsimproc_decl grind_pattern alias irreducible_def suppress_compilation unsuppress_compilation add_decl_doc "
    "init_quot seal unseal register_option register_simp_attr register_builtin_option register_label_attr "
    "declare_config_elab declare_simp_like_tactic library_note proof_wanted recall native_decide include_str eval_expr "
    "dbg_trace"
).replace(" ", "|")
_WORD = re.compile(
    r"«[^»\n]*»"
    rf"|(?<![\w'.!?»])(?P<command>{_COMMANDS})(?![\w'!?]|\.\w)"
    r"|(?P<attribute>@\[)"
    r"|(?<![^\s;(])(?P<query>#[a-z][\w']*)"
    r"|(?<![\w'.])(?P<option>set_option\s+(?P<name>[\w.]+))"
    r"|(?P<native>\+\s*native\b|\bnative\s*:=\s*true|ofReduceBool|ofReduceNat|trustCompiler|implemented_by)"
    r"|(?P<meta>\b(?:Lean\.(?:Elab|Meta|Parser|Environment|addDecl)|TacticM|MetaM|TermElabM|CommandElabM|MacroM|CoreM|"
    r"IO\.\w+|unsafe\w+)\b)"
)


def forbidden(proof: str) -> Diagnostic | None:
    """The first thing in `proof` that may not stand there; None where everything may."""
    for found in _WORD.finditer(bare(proof)):
        if found.lastgroup is None or (found["name"] or "") in OPTIONS:
            continue
        what = " ".join(found[0].split())
        return Diagnostic(Kind.FORBIDDEN, f"{what}: no proof needs this", Span(found.start(), found.end()))
    return None
