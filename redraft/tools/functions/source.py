"""The functions of a workflow: where they come from, and their life.

A catalogue in memory, Python functions, or an MCP server, which is started on first use and stopped by `aclose`; or the
one string that names them on a command line. What a model may call of them a task says, and checking is `check`'s.
"""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
import inspect
import shlex
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, nullcontext
from hashlib import sha256
from pathlib import Path
from types import ModuleType

from redraft.errors import ConfigError, RedraftError
from redraft.schema import Failure, FunctionSchema, ToolCall
from redraft.tools.functions.catalogue import Catalogue, from_python
from redraft.tools.functions.made_library import library_catalogue
from redraft.tools.functions.mcp import mcp_catalogue
from redraft.tools.functions.run import Bounds, Output

FORMS = {
    "python:FILE.py": "the public functions in a file, run in this process: for code that you trust",
    "python:PACKAGE.MODULE": "those of a module that is installed",
    "library:FOLDER": "tools that a model made, run in the sandbox",
    "mcp:COMMAND ARGUMENTS": "an MCP server over stdio, which this command starts",
    "http://localhost:PORT/mcp": "an MCP server that is running",
}
"""What `open_functions` understands."""

NONE = "no functions are given: functions=[...] in Python, --role functions=python:FILE.py on the command line"


class Functions:
    """Functions ready to be called, by any number of tasks at once. `opening` gives the catalogue when it is needed.

    A server that ended in the middle of a call is started again for the next one.
    """

    def __init__(self, name: str, opening: Callable[[], AbstractAsyncContextManager[Catalogue]]) -> None:
        self.name = name
        self._opening = opening
        self._open = AsyncExitStack()
        self._changing = asyncio.Lock()
        self._opened: Catalogue | None = None

    async def connect(self) -> None:
        """Start or reach them now. Raises ConfigError where they cannot be had, MissingExtra."""
        await self._catalogue()

    async def schemas(self) -> tuple[FunctionSchema, ...] | Failure:
        """What there is; Failure (`no_functions`) where they cannot be had."""
        try:
            return (await self._catalogue()).schemas
        except RedraftError as error:
            return Failure(cause="no_functions", message=str(error))

    async def call(self, call: ToolCall) -> Output | Failure:
        """Make the call, as `Catalogue.call`; Failure (`no_functions`) where they cannot be had."""
        try:
            catalogue = await self._catalogue()
        except RedraftError as error:
            return Failure(cause="no_functions", message=str(error))
        brought = await catalogue.call(call)
        if isinstance(brought, Failure) and brought.cause == "server_gone":
            await self._drop(catalogue)
        return brought

    async def _catalogue(self) -> Catalogue:
        async with self._changing:
            if self._opened is None:
                self._opened = await self._open.enter_async_context(self._opening())
            return self._opened

    async def _drop(self, catalogue: Catalogue) -> None:
        async with self._changing:
            if self._opened is catalogue:
                self._opened = None
                await self._open.aclose()

    async def aclose(self) -> None:
        """Stop the server, where there is one. May be called more than once."""
        if self._opened:
            await self._drop(self._opened)


AnyFunctions = str | Functions | Catalogue | Sequence[Callable[..., object]]
"""What a workflow takes: a string of `FORMS`, a catalogue, or Python functions."""


def open_functions(given: AnyFunctions | None, bounds: Bounds = Bounds()) -> Functions:  # noqa: B008 Frozen.
    """The functions named or given. Python is imported now, a server started on first use.

    Raises ConfigError for a string of no known form or with a password, and for a module that cannot be imported or has
    no public function.
    """
    if given is None:
        return Functions("none", _none)
    if isinstance(given, Functions):
        return given
    if isinstance(given, Catalogue):
        return Functions("functions", lambda: nullcontext(given))
    if not isinstance(given, str):
        catalogue = Catalogue([from_python(function) for function in given], bounds)
        return Functions("functions", lambda: nullcontext(catalogue))
    kind, _, rest = given.partition(":")
    match kind, rest.strip():
        case "python", rest if rest:
            catalogue = Catalogue([from_python(function) for function in _public(_imported(rest))], bounds)
            return Functions(given, lambda: nullcontext(catalogue))
        case "library", rest if rest:
            return Functions(given, lambda: library_catalogue(Path(rest), bounds))
        case "mcp", rest if rest:
            command = _split(rest)
            return Functions(given, lambda: mcp_catalogue(command, bounds))
        case "http" | "https", rest if rest.startswith("//"):
            if "@" in rest:  # It is shown, logged and kept with the records.
                raise ConfigError("the address of an MCP server holds no user and password")
            return Functions(given, lambda: mcp_catalogue(given, bounds))
    forms = "; ".join(f"{form} ({what})" for form, what in FORMS.items())
    raise ConfigError(f"{given!r} names no functions. It may be: {forms}")


def _none() -> AbstractAsyncContextManager[Catalogue]:
    raise ConfigError(NONE)


def _split(command: str) -> list[str]:
    try:
        return shlex.split(command)
    except ValueError as error:
        raise ConfigError(f"mcp:{command}: {error}") from error


def _imported(named: str) -> ModuleType:
    path = Path(named).expanduser().resolve()
    try:
        if not named.endswith(".py"):
            return importlib.import_module(named)
        name = f"redraft_functions_{sha256(str(path).encode()).hexdigest()[:12]}"
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec
        assert spec.loader
        module = importlib.util.module_from_spec(spec)
        # Types in signatures, and dataclasses, are looked up by the module's name.
        sys.modules[name] = module
        spec.loader.exec_module(module)
        return module
    except (Exception, SystemExit) as error:
        raise ConfigError(f"python:{named} cannot be imported: {type(error).__name__}: {error}") from error


def _public(module: ModuleType) -> list[Callable[..., object]]:
    """The functions in `__all__`; without it those that are written in the module, and begin with no underscore."""
    listed = getattr(module, "__all__", None)
    names = list(vars(module)) if listed is None else [name for name in listed if hasattr(module, name)]
    found = [getattr(module, name) for name in names if listed is not None or not name.startswith("_")]
    functions: list[Callable[..., object]] = [
        each
        for each in found
        if inspect.isfunction(each) and (listed is not None or each.__module__ == module.__name__)
    ]
    if not functions:
        raise ConfigError(f"python:{module.__name__} has no public function")
    return functions
