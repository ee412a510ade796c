"""Coq's programs, contained as `redraft.tools.provers.contained` does it. What is asked of them: `idetop` and `final`.

Rocq 9 has other names for the same programs.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from redraft.tools.provers import contained
from redraft.tools.provers.base import ProverMissing
from redraft.tools.provers.contained import Limits, Process

__all__ = ["INSTALL", "Limits", "Process", "has_hammer", "program", "start"]

INSTALL = (
    "apt-get install --no-install-recommends coq libcoq-hammer libcoq-coquelicot coinor-csdp eprover z3 cvc4 (Debian)"
)
_NAMES = {
    "idetop": (("coqidetop.opt",), ("coqidetop",), ("rocqidetop.opt",), ("rocqidetop",)),
    "compile": (("coqc",), ("rocq", "compile")),
    "check": (("coqchk",), ("rocqchk",), ("rocq", "check")),
}
# CVC4 fails without a word where the hammer's own programs are not on the path.
_ENVIRONMENT = {"PATH": "/usr/libexec/coq-hammer:/usr/local/bin:/usr/bin:/bin"}


def program(what: str) -> list[str]:
    """The command for `what`: "idetop", "compile" or "check". Raises ProverMissing."""
    for name, *rest in _NAMES[what]:
        if found := shutil.which(name):
            return [found, *rest]
    raise ProverMissing(f"Coq is not installed, no {' or '.join(' '.join(each) for each in _NAMES[what])}: {INSTALL}")


def has_hammer() -> bool:
    """Whether CoqHammer is installed beside Coq. Raises ProverMissing."""
    where = subprocess.run([*program("compile"), "-where"], capture_output=True, text=True, timeout=20, check=False)
    return where.returncode == 0 and Path(where.stdout.strip(), "user-contrib", "Hammer").is_dir()


async def start(
    command: Sequence[str],
    limits: Limits,
    *,
    files: Mapping[str, bytes] | None = None,
    output: IO[bytes] | None = None,
    unsafe: bool = False,
) -> Process:
    """Start one of Coq's programs (see `redraft.tools.provers.contained.start`). Raises SandboxUnusable."""
    readable = ("/etc/ocamlfind.conf",)
    return await contained.start(
        command, limits, files=files, output=output, readable=readable, environment=_ENVIRONMENT, unsafe=unsafe
    )
