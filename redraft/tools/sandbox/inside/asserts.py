"""Tests that say why they failed: every `assert` is rewritten to tell the values that it saw."""

from __future__ import annotations

import ast
import copy


class Failed(AssertionError):
    """An assertion of the test that did not hold. Its text is the assertion and the values in it."""


class _Telling(ast.NodeTransformer):
    def visit_Assert(self, node: ast.Assert) -> list[ast.stmt]:
        source = ast.unparse(node)
        before: list[ast.stmt] = []
        seen: list[ast.expr] = []
        test = node.test
        if isinstance(test, ast.Compare) and len(test.ops) == 1:
            left, right = _kept("@left", test.left, before), _kept("@right", test.comparators[0], before)
            seen = [left, right]
            test = ast.Compare(left, test.ops, [right])
        elif not isinstance(test, ast.Constant):
            test = _kept("@value", test, before)
            seen = [test]
        told = [node.msg] if node.msg else []
        fail = ast.Call(
            ast.Name("@failed", ast.Load()),
            [ast.Constant(source), ast.List(copy.deepcopy(seen), ast.Load()), *told],
            [],
        )
        held = ast.If(ast.UnaryOp(ast.Not(), test), [ast.Raise(fail)], [])
        return [*before, held]


def _kept(name: str, value: ast.expr, before: list[ast.stmt]) -> ast.expr:
    if isinstance(value, ast.Constant):
        return value
    before.append(ast.Assign([ast.Name(name, ast.Store())], value))
    return ast.Name(name, ast.Load())


def failed(source: str, seen: list[object], message: object = None) -> Failed:
    """What a rewritten assertion raises."""
    told = "\n".join(
        [
            _cut(source, 400),
            *(f"{side} {_cut(_shown(value), 300)}" for side, value in zip(_sides(len(seen)), seen, strict=True)),
            *([f"message: {_cut(str(message), 300)}"] if message is not None else []),
        ]
    )
    return Failed(told)


def _sides(count: int) -> list[str]:
    return ["left:", "right:"] if count == 2 else ["value:"] * count


def _shown(value: object) -> str:
    try:
        return repr(value)
    except Exception as error:  # noqa: BLE001 The repr is the program's, where the value is.
        return f"(cannot be shown: {type(error).__name__})"


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most // 2]} [...] {text[-most // 2 :]}"


def telling(test: str, name: str) -> ast.Module:
    """`test`, parsed and rewritten. Raises SyntaxError and what else `ast.parse` does."""
    tree = ast.parse(test, name)
    changed = ast.fix_missing_locations(_Telling().visit(tree))
    assert isinstance(changed, ast.Module)
    return changed
