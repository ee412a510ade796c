"""The signature of a function in source text that nobody trusts: read from the syntax tree, and never run.

A hint is taken where it is made of Python's plain types; any other says nothing. What comes out is a function of that
signature that gives its arguments back, which describes itself by `catalogue.from_python` like any other.
"""

from __future__ import annotations

import ast
import inspect
import types
import typing
import warnings
from collections.abc import Callable
from functools import reduce
from operator import or_
from typing import Any, cast

from redraft.errors import ConfigError

_PLAIN: dict[str, object] = {
    **{each.__name__: each for each in (int, float, str, bool, list, dict, tuple, set)},
    **{"List": list, "Dict": dict, "Tuple": tuple, "Set": set, "Sequence": list, "Iterable": list, "Mapping": dict},
}
_HOLDING = {list: (1, 1), set: (1, 1), dict: (2, 2), tuple: (1, 16)}
"""How many types a type holds."""


def signature_of(source: str, name: str | None = None) -> Callable[..., object]:
    """The function `name` in `source`, or else its last one that is not private; called, it returns its arguments.

    `unsaid` names those of them whose default cannot be told. Raises ConfigError for a source that is no Python, and
    where there is no such function.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            body = ast.parse(source).body
        found = [part for part in body if isinstance(part, ast.FunctionDef) and name in (part.name, None)]
        public = [part for part in found if name or not part.name.startswith("_")]
        if not public:
            raise ConfigError(f"the source defines no function{f' {name}' if name else ''} at its top level")
        return _echo(public[-1])
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ConfigError(f"the source is no Python: {error}") from error


def unsaid(function: Callable[..., object]) -> frozenset[str]:
    """The arguments whose default is no literal: there is one, and only running the source would tell it."""
    return cast("frozenset[str]", vars(function)["unsaid"])


def _echo(node: ast.FunctionDef) -> Callable[..., object]:
    given = node.args
    parameters: list[inspect.Parameter] = []
    hidden: set[str] = set()

    def add(argument: ast.arg, kind: Any, default: ast.expr | None) -> None:
        value: object = inspect.Parameter.empty
        if default is not None:
            try:
                value = ast.literal_eval(default)
            except (ValueError, TypeError):
                value = None
                hidden.add(argument.arg)
        parameters.append(inspect.Parameter(argument.arg, kind, default=value, annotation=_type(argument.annotation)))

    positional: list[tuple[ast.arg, Any]] = [(each, inspect.Parameter.POSITIONAL_ONLY) for each in given.posonlyargs]
    positional += [(each, inspect.Parameter.POSITIONAL_OR_KEYWORD) for each in given.args]
    bare = len(positional) - len(given.defaults)
    for place, (argument, kind) in enumerate(positional):
        add(argument, kind, given.defaults[place - bare] if place >= bare else None)
    if given.vararg:
        add(given.vararg, inspect.Parameter.VAR_POSITIONAL, None)
    for argument, default in zip(given.kwonlyargs, given.kw_defaults, strict=True):
        add(argument, inspect.Parameter.KEYWORD_ONLY, default)
    if given.kwarg:
        add(given.kwarg, inspect.Parameter.VAR_KEYWORD, None)
    signature = inspect.Signature(parameters)

    def echo(*args: object, **kwargs: object) -> dict[str, object]:
        return signature.bind(*args, **kwargs).arguments

    made = cast(Any, echo)
    made.__name__ = made.__qualname__ = node.name
    made.__doc__ = ast.get_docstring(node)
    made.__signature__ = signature
    made.__annotations__ = {each.name: each.annotation for each in parameters}
    made.unsaid = frozenset(hidden)
    return echo


def _type(hint: ast.expr | None) -> object:
    """The hint as a type. It is built and not evaluated, and a text in it (which would be) is read the same way."""
    match hint:
        case ast.Constant(value=None):
            return types.NoneType
        case ast.Constant(value=str(text)):
            return _type(ast.parse(text, mode="eval").body)
        case ast.Name(id=name) | ast.Attribute(value=ast.Name(), attr=name):
            return _PLAIN.get(name, Any)
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return _either([_type(left), _type(right)])
        case ast.Subscript(value=ast.Name(id=name) | ast.Attribute(value=ast.Name(), attr=name), slice=inside):
            parts = inside.elts if isinstance(inside, ast.Tuple) else [inside]
            if name == "Literal":
                values = tuple(part.value for part in parts if isinstance(part, ast.Constant))
                said = len(values) == len(parts) > 0 and all(isinstance(each, str | int) for each in values)
                return typing.Literal[values] if said else Any
            if name == "Optional" and len(parts) == 1:
                return _either([_type(parts[0]), types.NoneType])
            if name == "Union" and parts:
                return _either([_type(part) for part in parts])
            return _held(_PLAIN.get(name), parts)
    return Any


def _held(outer: Any, parts: list[ast.expr]) -> object:
    least, most = _HOLDING.get(outer, (1, 0))
    if outer is tuple and len(parts) == 2 and isinstance(parts[1], ast.Constant) and parts[1].value is Ellipsis:
        return tuple[_type(parts[0]), ...]  # type: ignore[misc]
    if not least <= len(parts) <= most:
        return Any
    return outer[tuple(_type(part) for part in parts)]


def _either(options: list[Any]) -> object:
    return Any if Any in options else reduce(or_, options)
