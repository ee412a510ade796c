"""What may not stand in an Isabelle proof: ML, and every command of a theory. A proof is its steps, and nothing else.

A step that gives up is no such thing: that is an oracle, and found among those.
"""

from __future__ import annotations

import re

from redraft.tools.provers.base import Diagnostic, Kind, Span
from redraft.tools.provers.isabelle.outer import words

_COMMANDS = re.compile(
    r"(?:S?ML\w*|theory|imports|keywords|begin|end|theorem|lemma|lemmas|corollary|proposition|schematic_goal|theorems|"
    r"axiomatization|axioms?|consts|definition|abbreviation|primrec|fun|function|termination|datatype|codatatype|"
    r"record|typedef|typedecl|type_synonym|type_notation|inductive|inductive_set|coinductive|nominal_\w+|quotient_\w+|"
    r"specification|overloading|instance|instantiation|class|subclass|locale|sublocale|interpretation|"
    r"global_interpretation|experiment|context|notepad|bundle|unbundle|open_bundle|include|includes|declare|"
    r"declaration|setup|local_setup|method|method_setup|attribute_setup|simproc_setup|named_theorems|oracle|notation|"
    r"no_notation|syntax|no_syntax|translations|no_translations|nonterminal|\w+_translation|hide_\w+|default_sort|"
    r"lift_definition|setup_lifting|lifting_\w+|code_\w+|export_\w+|generate_\w+|compile_\w+|external_file|bibtex_file|"
    r"ROOTS_file|value|values|try0?|nitpick|quickcheck|refute|print_\w+|thy_deps|find_\w+|full_prf|prf|"
    r"typ|term|prop|welcome|tactic|raw_tactic|judgment|parse_ast\w*|realizers|realizability|extract\w*|old_rep_datatype|"
    r"local_theory|import_\w+|solve_\w+|unused_thms|method\w+|approximate|smt_status|atp_\w+|spark_\w+|"
    r"private|qualified|quick_and_dirty|smt_oracle)"
)


def forbidden(proof: str) -> Diagnostic | None:
    """The first thing in `proof` that may not stand there; None where everything may."""
    for word in words(proof):
        # A name may stand in quotation marks, and have its theory's before it.
        name = word.text.strip('"').rpartition(".")[2]
        if _COMMANDS.fullmatch(name):
            return Diagnostic(Kind.FORBIDDEN, f"{name}: no proof needs this", Span(word.start, word.end))
        if word.quoted and re.match(r"‹|\\<open>", word.text) and re.search(r"@\{|\\<\^", word.text):
            # ML comes in such quotation marks, with what it takes from its context.
            return Diagnostic(Kind.FORBIDDEN, "a quotation with antiquotations", Span(word.start, word.end))
    return None
