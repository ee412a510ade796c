"""From the one string that names a verifier to the verifier. Its files are read here; no model is loaded yet."""

from __future__ import annotations

from pathlib import Path

from redraft.errors import ConfigError
from redraft.verifiers.base import PairVerifier, Verifier
from redraft.verifiers.chrf import ChrF
from redraft.verifiers.comet import Comet
from redraft.verifiers.person import Person

FORMS = {
    "chrf:REFERENCES.jsonl": "chrF against references (sees the gold)",
    "chrf++:REFERENCES.jsonl": "chrF++ against references (sees the gold)",
    "comet": "COMET-Kiwi, without references",
    "comet:MODEL": "any reference-free COMET model: a hub id or the path of a checkpoint",
    "person": "a person, for whom the run pauses (needs a checkpointer)",
}
"""What `open_verifier` understands."""


def open_verifier(spec: str) -> Verifier | PairVerifier | None:
    """The verifier that `spec` names; None where `spec` is not a verifier's, so that it may name a model.

    Raises ConfigError for a verifier's string that cannot be used, or references that cannot be read.
    """
    kind, colon, rest = spec.partition(":")
    match kind:
        case "chrf" | "chrf++" if rest:
            return ChrF.from_file(Path(rest).expanduser(), word_order=kind.count("+"))
        case "comet" if rest:
            return Comet(rest)
        case "comet" if not colon:
            return Comet()
        case "person" if not colon:
            return Person()
        case "chrf" | "chrf++" | "comet" | "person":
            forms = "; ".join(f"{form} ({what})" for form, what in FORMS.items())
            raise ConfigError(f"{spec!r} names no verifier. It may be: {forms}")
    return None
