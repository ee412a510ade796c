"""Which Lean is run, and how: contained, one file at a time, its messages as JSON.

What the files say, and what the messages mean, is in `prover` and `final`.
"""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from redraft.errors import ConfigError
from redraft.tools.provers.base import ProverCrash, ProverMissing, ProverTimeout
from redraft.tools.provers.contained import Limits, start
from redraft.tools.provers.lean.messages import Message, read

INSTALL = (
    "install elan (leanprover/elan), and for Mathlib a project of your own: lake new NAME math, then in it "
    "lake exe cache get and lake build"
)
_PRINTED = 8 << 20


@dataclass(frozen=True, slots=True)
class Ran:
    """What came of one run: its exit status, its messages, and its compiled module where it made one."""

    status: int
    messages: tuple[Message, ...]
    module: bytes | None

    @property
    def errors(self) -> tuple[Message, ...]:
        return tuple(each for each in self.messages if each.severity == "error")


@dataclass(frozen=True, slots=True)
class Toolchain:
    """`command` starts Lean, `path` is where it looks for modules, and `readable` is what it may read beside these."""

    command: tuple[str, ...]
    path: tuple[str, ...]
    readable: tuple[str, ...]
    limits: Limits
    unsafe: bool

    async def run(
        self, name: str, text: str, seconds: float, modules: Mapping[str, bytes] | None = None, *, keep: bool = False
    ) -> Ran:
        """Run `name`.lean, which says `text` and may import `modules`; with `keep` its compiled module is kept.

        Raises ProverCrash, ProverTimeout, SandboxUnusable.
        """
        files = {f"{module}.olean": content for module, content in (modules or {}).items()}
        files[f"{name}.lean"] = text.encode("utf-8", "replace")
        memory = f"--memory={self.limits.memory >> 21}"  # In MB, half of what the process may map.
        module = f"{name}.olean"
        command = [*self.command, "--json", memory, *(["-o", module] if keep else []), f"{name}.lean"]
        status, said, kept = await self.call(command, files, seconds, module)
        messages = tuple(read(said))
        if status not in (0, 1) or (status == 1 and not any(each.severity == "error" for each in messages)):
            raise ProverCrash(f"Lean ended with status {status}: {said[-300:].strip()}")
        return Ran(status, messages, kept)

    async def call(
        self, command: Sequence[str], files: Mapping[str, bytes], seconds: float, keep: str = ""
    ) -> tuple[int, str, bytes | None]:
        """Run any program on `files`: its status, what it printed, and the file `keep`. Raises as `run` does."""
        with tempfile.TemporaryFile() as output:
            process = await start(
                command,
                self.limits,
                files=files,
                output=output,
                readable=self.readable,
                environment={"LEAN_PATH": ":".join(("{work}", *self.path)), "LEAN_NUM_THREADS": "1"},
                # Lean looks up where it is itself; it is the first process there.
                mounts=("--symlink", str(Path(command[0]).resolve()), "/proc/1/exe"),
                unsafe=self.unsafe,
            )
            try:
                async with asyncio.timeout(seconds):
                    status = await process.wait()
            except TimeoutError:
                raise ProverTimeout(f"Lean had to be ended after {seconds:g} s") from None
            else:
                output.seek(0)
                made = process.folder / keep
                whole = made.read_bytes() if keep and made.is_file() and not made.is_symlink() else None
                return status, output.read(_PRINTED).decode("utf-8", "replace"), whole
            finally:
                await process.close()


def find(
    project: Path | None,
    command: Sequence[str],
    path: Sequence[Path],
    readable: Sequence[Path],
    limits: Limits,
    unsafe: bool,
) -> Toolchain:
    """The Lean that `project` uses, or `command`, or the one on the PATH. Blocks; runs `lake env` in the project,
    which is trusted as its owner is.

    Raises ProverMissing, ConfigError where the project's own Lean does not start.
    """
    own = tuple(str(each.absolute()) for each in path)
    more = (*own, *(str(each.absolute()) for each in readable))
    if command:
        return Toolchain(tuple(command), own, more, limits, unsafe)
    inside: list[str] = []
    if project is not None:
        if not (project / "lean-toolchain").is_file():
            raise ConfigError(f"{project} is no Lean project: it has no file lean-toolchain")
        inside = [_program("lake"), "env"]
    prefix = _said([*inside, _program("lean"), "--print-prefix"], project)
    said = _said([*inside, "printenv", "LEAN_PATH"], project).split(":") if project is not None else []
    folders = tuple(str((project or Path()).absolute() / each) for each in said if each)
    return Toolchain((f"{prefix}/bin/lean",), (*folders, *own), (prefix, *folders, *more), limits, unsafe)


def _program(name: str) -> str:
    if found := shutil.which(name) or shutil.which(str(Path.home() / ".elan/bin" / name)):
        return found
    raise ProverMissing(f"Lean 4 is not installed, no {name}: {INSTALL}")


def _said(command: Sequence[str], folder: Path | None) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ConfigError(f"{' '.join(command)} fails: {done.stderr.strip()[-500:]}")
    return done.stdout.strip()
