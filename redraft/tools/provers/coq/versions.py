"""The standard library's name: `Coq` until Coq 8, `Stdlib` and `Corelib` since Rocq 9. Statements come with either.

The programs' names are in `contained`.
"""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

from redraft.tools.provers.coq.contained import program

_NAME = re.compile(r"(?<![\w.'])(Coq|Stdlib|Corelib)(?=\.[A-Za-z]|\s+Require\b)")
_CORE = re.compile(r"\.(?:Init|ssr|Classes|BinNums)\b")


async def library() -> str:
    """The library's name here: "Coq" or "Stdlib". Raises ProverMissing."""
    process = await asyncio.create_subprocess_exec(
        *(*program("compile"), "-where"), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    said, _ = await process.communicate()
    return "Stdlib" if Path(said.decode().strip(), "user-contrib", "Stdlib").is_dir() else "Coq"


def adapted(text: str, library: str) -> str:
    """`text` with the names that the standard library has here."""

    def name(found: re.Match[str]) -> str:
        if library == "Coq":
            return "Coq"
        if found[1] == "Coq":
            return "Corelib" if _CORE.match(text, found.end()) else "Stdlib"
        return found[1]

    return _NAME.sub(name, text)
