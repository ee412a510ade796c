"""A signature read from source that is never run: what it says is offered, and nothing in it is evaluated."""

import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redraft.errors import ConfigError

pytest.importorskip("docstring_parser")

from redraft.tools.functions.catalogue import from_python
from redraft.tools.functions.made_signature import signature_of, unsaid


def properties(signature: str) -> dict[str, dict[str, object]]:
    function = signature_of(f"def f({signature}): ...")
    return from_python(function).schema.parameters["properties"]


@pytest.mark.parametrize(
    ("hint", "schema"),
    [
        ("int", {"type": "integer"}),
        ("'int'", {"type": "integer"}),
        ("list[str]", {"type": "array", "items": {"type": "string"}}),
        ("typing.List[float]", {"type": "array", "items": {"type": "number"}}),
        ("list['str']", {"type": "array", "items": {"type": "string"}}),
        ("dict[str, bool]", {"type": "object", "additionalProperties": {"type": "boolean"}}),
        ("int | None", {"anyOf": [{"type": "integer"}, {"type": "null"}]}),
        ("Optional[int]", {"anyOf": [{"type": "integer"}, {"type": "null"}]}),
        ("Union[int, str]", {"anyOf": [{"type": "integer"}, {"type": "string"}]}),
        ("Literal['a', 'b']", {"type": "string", "enum": ["a", "b"]}),
        ("tuple[int, ...]", {"type": "array", "items": {"type": "integer"}}),
        ("Callable[[int], str]", {}),
        ("list[int, int]", {}),
        ("Literal[unknown]", {}),
        ("pd.DataFrame | int", {}),
        ("f'{1}'", {}),
        ("lambda: 1", {}),
    ],
)
def test_hints_of_plain_types_are_taken_and_others_say_nothing(hint: str, schema: dict[str, object]) -> None:
    (found,) = properties(f"x: {hint}").values()
    assert {key: value for key, value in found.items() if key != "title"} == schema


def test_defaults_docstring_and_order_are_told() -> None:
    source = '''def f(a, b: int = 2, *, c: list[int] = sorted([2, 1]), d="x"):
    """Do it.

    Args:
        a: the first
    """
'''
    function = signature_of(source)
    schema = from_python(function).schema
    assert (schema.name, schema.description) == ("f", "Do it.")
    assert schema.parameters["required"] == ["a"]
    assert schema.parameters["properties"]["a"]["description"] == "the first"
    assert schema.parameters["properties"]["b"]["default"] == 2
    assert unsaid(function) == {"c"}


@pytest.mark.parametrize(
    "place",
    [
        "def f(x: __import__('pathlib').Path('{0}').touch()): ...",
        "def f(x: \"__import__('pathlib').Path('{0}').touch()\"): ...",
        "def f(x: list[\"__import__('pathlib').Path('{0}').touch()\"]): ...",
        "def f(x: \"'__import__('pathlib').Path('{0}').touch()'\"): ...",
        "def f(x=__import__('pathlib').Path('{0}').touch()): ...",
        "@__import__('pathlib').Path('{0}').touch\ndef f(x): ...",
        "__import__('pathlib').Path('{0}').touch()\ndef f(x): ...",
    ],
)
def test_nothing_in_the_source_is_run(place: str, tmp_path: Path) -> None:
    proof = tmp_path / "run"
    with suppress(ConfigError):
        from_python(signature_of(place.format(proof)))
    assert not proof.exists()


@pytest.mark.parametrize(
    ("source", "name", "why"),
    [
        ("def f(:", None, "no Python"),
        ("x = 1", None, "defines no function"),
        ("def _f(): ...", None, "defines no function"),
        ("def f(): ...", "g", "defines no function g"),
        ("class A:\n    def f(self): ...", "f", "defines no function f"),
        ("def f(x: '(('): ...", None, "no Python"),
        ("(" * 5000, None, "no Python"),
        ("def f(): ...\0", None, "no Python"),
        ("def f(): '\udc00'", None, "no Python"),
    ],
)
def test_what_defines_nothing_is_said(source: str, name: str | None, why: str) -> None:
    with pytest.raises(ConfigError, match=why):
        signature_of(source, name)


def test_the_last_public_function_is_the_one() -> None:
    source = "def helper(): ...\ndef tool(x): ...\ndef _inner(): ..."
    assert signature_of(source).__name__ == "tool"
    assert signature_of(source, "helper").__name__ == "helper"
    assert signature_of(source, "_inner").__name__ == "_inner"


@given(st.text(max_size=60), st.text(max_size=20))
@settings(deadline=None, max_examples=200)
def test_any_hint_and_default_gives_a_schema_or_a_reason(hint: str, default: str) -> None:
    try:
        schema = from_python(signature_of(f"def f(x: {hint} = {default}): ...")).schema
    except ConfigError:
        return
    json.dumps(schema.parameters)
