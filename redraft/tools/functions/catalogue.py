"""A catalogue of typed functions: offered to a model by their schemas, and called by what it asks for.

From Python functions here, and from OpenAI's tool JSON with the functions behind it; from a server in `mcp`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from typing import Any, cast

from pydantic import JsonValue, PydanticUserError, TypeAdapter, ValidationError
from pydantic.errors import PydanticInvalidForJsonSchema
from pydantic_core import ArgsKwargs

from redraft.errors import ConfigError, MissingExtra
from redraft.schema import Failure, FunctionSchema, ToolCall
from redraft.tools.functions.check import Checker
from redraft.tools.functions.faults import FaultKind
from redraft.tools.functions.run import Bounds, Function, Output, run


class Catalogue:
    """Functions by name. Raises ConfigError where two have the same."""

    def __init__(self, functions: Iterable[Function], bounds: Bounds = Bounds()) -> None:  # noqa: B008 Frozen.
        listed = list(functions)
        self._checker = Checker([each.schema for each in listed])
        self.functions: Mapping[str, Function] = {each.schema.name: each for each in listed}
        self._bounds = bounds

    @property
    def schemas(self) -> tuple[FunctionSchema, ...]:
        """What a task offers to a model."""
        return tuple(each.schema for each in self.functions.values())

    async def call(self, call: ToolCall) -> Output | Failure:
        """Check the call, and make it. Failure, whose cause is the fault's, where its arguments do not fit."""
        if faults := self._checker.of_call(call):
            return Failure(cause=faults[0].kind.value, message="; ".join(fault.message for fault in faults))
        return await run(self.functions[call.name], call.arguments, self._bounds)


def from_python(function: Callable[..., object]) -> Function:
    """A Python function by its signature and docstring (Google's, numpy's or reST's style).

    Arguments are brought to the types of the signature. Raises ConfigError for a signature that no JSON Schema holds.
    """
    try:
        import docstring_parser
    except ImportError as error:
        raise MissingExtra("docstring-parser", "tools") from error
    name = getattr(function, "__name__", type(function).__name__)
    if any(each.kind in (each.POSITIONAL_ONLY, each.VAR_POSITIONAL) for each in _signature(function)):
        raise ConfigError(f"{name} has arguments without a name, which no model can give")

    @wraps(function)
    def given(*args: object, **kwargs: object) -> object:
        return args, kwargs

    try:
        adapter: TypeAdapter[tuple[tuple[object, ...], dict[str, object]]] = TypeAdapter(cast(Any, given))
        parameters = adapter.json_schema()
    except (PydanticUserError, PydanticInvalidForJsonSchema, NameError) as error:
        raise ConfigError(f"{name} cannot be offered to a model: {str(error).splitlines()[0]}") from error
    said = docstring_parser.parse(function.__doc__ or "")
    for each in said.params:
        if each.description and each.arg_name in parameters.get("properties", {}):
            parameters["properties"][each.arg_name].setdefault("description", " ".join(each.description.split()))

    def invoke(arguments: dict[str, JsonValue]) -> object:
        try:
            args, kwargs = adapter.validate_python(ArgsKwargs((), dict(arguments)))
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(map(str, first["loc"]))
            return Failure(cause=FaultKind.ILL_TYPED_ARGUMENT.value, message=f"{name}: {place}: {first['msg']}")
        return function(*args, **kwargs)

    description = "\n\n".join(part for part in (said.short_description, said.long_description) if part)
    return Function(FunctionSchema(name=name, description=description, parameters=parameters), invoke)


def _signature(function: Callable[..., object]) -> Iterable[inspect.Parameter]:
    return inspect.signature(function).parameters.values()


def from_openai(tool: Mapping[str, JsonValue], function: Callable[..., object]) -> Function:
    """OpenAI's tool JSON, with the function that it describes. Raises ConfigError for JSON that is none."""
    try:
        schema = FunctionSchema.model_validate(dict(tool))
    except ValidationError as error:
        first = error.errors()[0]
        raise ConfigError(f"no tool's JSON: {'.'.join(map(str, first['loc']))}: {first['msg']}") from error
    return Function(schema, lambda arguments: function(**arguments))
