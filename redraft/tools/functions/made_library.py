"""A folder of made tools: one JSON file for each version of each, which stays as it was written.

Writing, verifying and choosing tools belong in `graphs`; a tool is run by `made`.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

from pydantic import Field, ValidationError

from redraft.errors import ConfigError
from redraft.schema import FunctionSchema, Noun, Result, Text, ToolCall
from redraft.tools.functions.catalogue import Catalogue
from redraft.tools.functions.made import from_source, patient
from redraft.tools.functions.run import Bounds
from redraft.tools.sandbox import Sandbox
from redraft.tools.sandbox.on_demand import OnDemand

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
_FILE = re.compile(rf"({_NAME.pattern})-v([1-9][0-9]{{0,8}})\.json")


class UseCase(Noun):
    """A question, and the call of a tool that brought its answer."""

    question: Text
    call: ToolCall


class MadeTool(Noun):
    """A function that a model wrote, with worked uses of it.

    `held_out` questions were put to it, of which it answered `passed`; `proposals` and `verifications` are how many
    replies its source and those calls took. `made_by` is the model, `method` what it was asked by.
    """

    source: Text
    function: FunctionSchema
    cases: tuple[UseCase, ...] = ()
    passed: int = Field(ge=0)
    held_out: int = Field(ge=1)
    proposals: int = Field(ge=0)
    verifications: int = Field(ge=0)
    made_by: str
    method: str

    @property
    def name(self) -> str:
        return self.function.name


class StoredTool(MadeTool):
    """A tool in a library."""

    version: int = Field(ge=1)


class ToolLibrary:
    """The tools in `folder`. Any number of processes may add to it at once.

    Raises ConfigError where the folder or a file in it cannot be read, written or understood.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder.expanduser()

    def create(self) -> ToolLibrary:
        """Make the folder where it is not there."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigError(f"{self.folder} cannot be a folder of tools: {error.strerror}") from error
        return self

    def add(self, made: MadeTool | Result) -> StoredTool:
        """Store a tool, or that of `latm-make`'s result, as the next version of its name.

        What is the latest version already is not stored again. Raises ConfigError for a result without a tool, and for
        a tool that did not answer every held-out question.
        """
        tool = _made(made)
        if tool.passed < tool.held_out:
            raise ConfigError(f"{tool.name} answered {tool.passed} of {tool.held_out} held-out questions: not stored")
        refuse_name(tool.name)
        versions = self.create().versions(tool.name)
        if versions and (versions[-1].source, versions[-1].cases) == (tool.source, tool.cases):
            return versions[-1]
        version = versions[-1].version + 1 if versions else 1
        while not self._written(
            stored := StoredTool(**tool.model_dump(include=set(MadeTool.model_fields)), version=version)
        ):
            version += 1
        return stored

    def versions(self, name: str) -> list[StoredTool]:
        """Every version of one tool, the first one first; none where there is no such tool."""
        return [tool for tool in self._read() if tool.name == name]

    def latest(self) -> list[StoredTool]:
        """The latest version of each tool, by name."""
        return list({tool.name: tool for tool in self._read()}.values())

    def catalogue(self, sandbox: Sandbox, bounds: Bounds = Bounds()) -> Catalogue:  # noqa: B008 Frozen.
        """The latest tools as functions that run in `sandbox`."""
        tools = (from_source(tool.source, sandbox, tool.name, bounds) for tool in self.latest())
        return Catalogue(tools, patient(bounds))

    def _read(self) -> Iterable[StoredTool]:
        """Every tool, by name and version. Files with other names are somebody else's."""
        found = [(path, match) for path in self._paths() if (match := _FILE.fullmatch(path.name))]
        for path, match in sorted(found, key=lambda each: (each[1][1], int(each[1][2]))):
            try:
                tool = StoredTool.model_validate_json(path.read_bytes())
            except ValidationError as error:
                first = error.errors()[0]
                field = ".".join(map(str, first["loc"])) or "the file"
                raise ConfigError(f"{path}, {field}: {first['msg']}") from error
            except OSError as error:
                raise ConfigError(f"{path} cannot be read: {error.strerror}") from error
            if (tool.name, tool.version) != (match[1], int(match[2])):
                raise ConfigError(f"{path} holds version {tool.version} of {tool.name[:80]}")
            yield tool

    def _paths(self) -> list[Path]:
        try:
            return list(self.folder.iterdir())
        except OSError as error:
            raise ConfigError(f"{self.folder} cannot be read: {error.strerror}") from error

    def _written(self, tool: StoredTool) -> bool:
        """Whether the file is there, whole, and nobody was there first."""
        try:
            with tempfile.NamedTemporaryFile(dir=self.folder, prefix=".", suffix=".part") as file:
                file.write(tool.model_dump_json(indent=2).encode() + b"\n")
                file.flush()
                os.fsync(file.fileno())
                Path(file.name).chmod(0o644)
                os.link(file.name, self.folder / f"{tool.name}-v{tool.version}.json")
        except FileExistsError:
            return False
        except OSError as error:
            raise ConfigError(f"{self.folder}: a tool cannot be stored: {error.strerror}") from error
        return True


@asynccontextmanager
async def library_catalogue(folder: Path, bounds: Bounds = Bounds()) -> AsyncIterator[Catalogue]:  # noqa: B008 Frozen.
    """The tools in `folder`, with a sandbox of their own that ends with the block.

    Raises ConfigError where there are none.
    """
    sandbox = OnDemand()
    catalogue = ToolLibrary(folder).catalogue(sandbox, bounds)
    if not catalogue.functions:
        raise ConfigError(f"there are no tools in {folder}; latm-make makes them")
    try:
        yield catalogue
    finally:
        await sandbox.aclose()


def refuse_name(name: str) -> None:
    """Raises ConfigError where a tool of that name could not be stored or chosen."""
    if not _NAME.fullmatch(name) or name.lower() == "none":
        raise ConfigError(f"a tool cannot be called {name[:80]!r}: plain letters and digits are needed, 64 at most")


def _made(made: MadeTool | Result) -> MadeTool:
    if isinstance(made, MadeTool):
        return made
    try:
        return MadeTool.model_validate_json((made.final and made.final.answer) or "")
    except ValidationError as error:
        raise ConfigError(f"the result holds no verified tool; it ended as {made.stop.value}") from error
