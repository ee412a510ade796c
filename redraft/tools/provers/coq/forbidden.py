"""Commands that no proof needs: they read or write files, load code, end the process, or switch checks off.

Not what makes `verify` sound: that is the kernel's answer in a fresh process, and the containment.
"""

from __future__ import annotations

import re

from redraft.tools.provers.base import Diagnostic, Kind, Span
from redraft.tools.provers.coq.sentences import split, without_comments

_FORBIDDEN = re.compile(
    r"\b(?:Declare\s+ML\s+Module|Load|Redirect|Extraction\w*|Separate\s+Extraction|Recursive\s+Extraction|"
    r"Add\s+(?:Rec\s+)?(?:LoadPath|ML\s+Path)|Remove\s+LoadPath|Cd|Pwd|Drop|Quit|Back|BackTo|Reset|Restart|Undo|"
    r"(?:Uns|S)et\s+(?:Guard|Positivity|Universe)\s+Checking|Type\s+In\s+Type|Print\s+Universes|"
    r"(?:Uns|S)et\s+(?:Default\s+Timeout|Kernel\s+Term\s+Sharing|Universe\s+Polymorphism|Cumulativity\w*)|"
    r"Fail|Succeed|Profile|bypass_check)\b|\bnative_compute\b|\bnative_cast_no_check\b"
)
_STRINGS = re.compile(r'"(?:[^"]|"")*"')
_GIVEN_UP = re.compile(r"^\s*Admitted\b|\badmit\b|\bgive_up\b|^\s*Admit\s+Obligations\b")


def forbidden(proof: str, spans: list[Span] | None = None) -> Diagnostic | None:
    """The first sentence of `proof` that may not stand there; None where every one may."""
    for span in split(proof) if spans is None else spans:
        if found := _FORBIDDEN.search(_bare(proof[span.start : span.end])):
            return Diagnostic(Kind.FORBIDDEN, f"{' '.join(found[0].split())}: no proof needs this", span)
    return None


def gives_up(sentence: str) -> bool:
    """Whether `sentence` takes something as true that it does not prove."""
    return _GIVEN_UP.search(_bare(sentence)) is not None


def _bare(sentence: str) -> str:
    return _STRINGS.sub('""', without_comments(sentence))
