"""No text and no argument makes a check raise, hang, fetch anything or depend on the company it is in."""

from __future__ import annotations

import asyncio
import json
import socket

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from redraft.schema import Constraint, Draft, Failure, InstructionTask, Verdict
from redraft.verifiers.constraints.catalogue import CHECKS, check
from redraft.verifiers.constraints.verifier import Constraints

pytest.importorskip("re2", reason="google-re2 is not installed: pip install 'redraft[constraints]'")
pytest.importorskip("jsonschema_rs", reason="jsonschema-rs is not installed: pip install 'redraft[constraints]'")
pytest.importorskip("langdetect", reason="langdetect is not installed: pip install 'redraft[constraints]'")

ARGUMENTS: dict[str, dict[str, JsonValue]] = {
    "length_constraints:number_words": {"relation": "at least", "num_words": 3},
    "length_constraints:number_sentences": {"relation": "less than", "num_sentences": 3},
    "length_constraints:number_paragraphs": {"num_paragraphs": 2},
    "length_constraints:nth_paragraph_first_word": {"num_paragraphs": 2, "nth_paragraph": 1, "first_word": "a"},
    **{f"length:{unit}s": {"minimum": 2} for unit in ("character", "word", "sentence", "line", "paragraph")},
    "keywords:existence": {"keywords": ["a.*", "b("]},
    "keywords:frequency": {"keyword": "[", "relation": "at least", "frequency": 2},
    "keywords:forbidden_words": {"forbidden_words": ["a+", "\\"]},
    "keywords:letter_frequency": {"letter": "İ", "let_relation": "less than", "let_frequency": 1},
    **{f"keywords:{which}": {"words": ["aab", "*"]} for which in ("all", "any", "none")},
    "detectable_format:number_bullet_lists": {"num_bullets": 1},
    "detectable_format:number_highlighted_sections": {"num_highlights": 1},
    "detectable_format:multiple_sections": {"section_spliter": "(", "num_sections": 1},
    "detectable_content:number_placeholders": {"num_placeholders": 1},
    "detectable_content:postscript": {"postscript_marker": "P.S."},
    "combination:repeat_prompt": {"prompt_to_repeat": "a"},
    "startend:end_checker": {"end_phrase": "a"},
    "language:response_language": {"language": "de"},
    "language": {"language": "sr-Latn"},
    "change_case:capital_word_frequency": {"capital_relation": "at least", "capital_frequency": 1},
    "json_schema": {
        "schema": {"type": "array", "items": {"type": "string", "pattern": "^(a+)+$"}, "uniqueItems": True}
    },
    "regex": {"pattern": "^(a|aa)+$"},
}
ALL = tuple(Constraint(kind=kind, arguments=ARGUMENTS.get(kind, {})) for kind in CHECKS)
PIECES = ["a", "A.", " ", "\n", "*", "**", "***", "[", "]", "<<", ">>", '"', "1. ", "- ", ",", "Section 1", "P.S.", "{"]
TEXTS = st.text(max_size=80) | st.lists(st.sampled_from(PIECES), max_size=40).map("".join)
ANYTHING: st.SearchStrategy[str] = st.text(st.characters(), max_size=40)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ANYTHING | st.just(10**4000),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ANYTHING, inner, max_size=3),
    max_leaves=6,
)
KEYWORDS = st.sampled_from(
    ["type", "pattern", "items", "properties", "patternProperties", "$ref", "$schema", "$id", "enum", "multipleOf"]
)


def as_draft(text: str) -> Draft:
    return Draft(text=text, node="test")


@pytest.mark.parametrize("constraint", ALL, ids=lambda constraint: constraint.kind)
@settings(max_examples=40, deadline=None)
@given(text=TEXTS)
def test_any_text_has_a_verdict_on_one_line_that_is_the_same_twice(constraint: Constraint, text: str) -> None:
    strict, loose = check(constraint, text), check(constraint, text, loose=True)
    assert isinstance(strict, Verdict)
    assert isinstance(loose, Verdict)
    assert "\n" not in strict.evidence
    assert loose.passed >= strict.passed
    assert check(constraint, text) == strict


@settings(max_examples=300, deadline=None)
@given(
    kind=st.sampled_from(sorted(CHECKS)) | ANYTHING,
    arguments=st.dictionaries(ANYTHING, JSON, max_size=3),
    data=st.data(),
)
def test_any_arguments_bring_a_verdict_or_a_failure(
    kind: str, arguments: dict[str, JsonValue], data: st.DataObject
) -> None:
    mixed: dict[str, JsonValue] = {**ARGUMENTS.get(kind, {}), **arguments}
    if mixed and data.draw(st.booleans()):
        mixed[data.draw(st.sampled_from(sorted(mixed)))] = data.draw(JSON)
    outcome = check(Constraint.model_construct(kind=kind, arguments=mixed, text=""), "a b c")
    assert isinstance(outcome, Verdict | Failure)


@settings(max_examples=300, deadline=None)
@given(schema=st.dictionaries(KEYWORDS, JSON | st.dictionaries(KEYWORDS, JSON, max_size=2), max_size=3), value=JSON)
def test_any_schema_and_any_value_bring_a_verdict_or_a_failure(schema: dict[str, JsonValue], value: JsonValue) -> None:
    text = json.dumps(str(value)[:20] if isinstance(value, int) else value, default=str)
    outcome = check(Constraint.model_construct(kind="json_schema", arguments={"schema": schema}, text=""), text)
    assert isinstance(outcome, Verdict | Failure)


@pytest.mark.parametrize("text", ["a\ud800b", "\0", "\ud800", "\u2028\x85", "🙂" * 100, "İ" * 50])
def test_odd_characters_are_text_like_any_other(text: str) -> None:
    assert all(isinstance(check(constraint, text, loose=True), Verdict) for constraint in ALL)


@settings(max_examples=30, deadline=None)
@given(texts=st.lists(TEXTS, min_size=1, max_size=5), order=st.permutations(range(len(ALL))))
async def test_a_verdict_depends_neither_on_the_batch_nor_on_any_order(texts: list[str], order: list[int]) -> None:
    verifier = Constraints()
    mixed = tuple(ALL[at].model_copy(update={"arguments": dict(reversed(ALL[at].arguments.items()))}) for at in order)
    together = await asyncio.gather(
        *(verifier.each(InstructionTask(instruction="a", constraints=mixed), as_draft(text)) for text in texts)
    )
    for text, each in zip(texts, together, strict=True):
        assert not isinstance(each, Failure)
        assert {at: each[place] for place, at in enumerate(order)} == {
            at: check(constraint, text) for at, constraint in enumerate(ALL)
        }


# Each would take hours with an engine that backtracks, or a check that is quadratic.
@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    "piece", ["a", "\n", " ", "*", "**a", "[", "<<", '"', "1. ", ". ", "a.)", "Section 1 ", "a@", "-\n"]
)
def test_long_texts_take_time_in_proportion(piece: str) -> None:
    text = piece * (200_000 // len(piece)) + "!"
    assert all(isinstance(check(constraint, text), Verdict) for constraint in ALL)


@pytest.mark.timeout(60)
@pytest.mark.parametrize("pattern", ["^(a+)+$", "(a|aa)+$", "(?:.*a){25}b", "(a*)*b", ".*.*.*=.*"])
def test_no_pattern_hangs_in_a_regex_or_in_a_schema(pattern: str) -> None:
    text = "a" * 5000 + "!"
    schemas: list[JsonValue] = [
        {"pattern": pattern},
        {"propertyNames": {"pattern": pattern}},
        {"patternProperties": {pattern: False}, "additionalProperties": False, "minProperties": 2},
    ]
    broken = [check(Constraint(kind="regex", arguments={"pattern": pattern}), text)]
    for schema, value in zip(schemas, (text, {text: 1}, {text: 1}), strict=True):
        broken.append(check(Constraint(kind="json_schema", arguments={"schema": schema}), json.dumps(value)))
    assert [isinstance(one, Verdict) and one.passed for one in broken] == [False] * 4


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "text", ["[" * 100_000, "[" * 400 + "]" * 400, "1" * 5000, "-1e999", '"\\ud800"', "NaN", "\ufeff{}"]
)
def test_hostile_json_is_judged_like_any_other(text: str) -> None:
    schema: JsonValue = {
        "$ref": "#/$defs/tree",
        "$defs": {"tree": {"items": {"$ref": "#/$defs/tree"}, "multipleOf": 0.1}},
    }
    for constraint in (
        Constraint(kind="json_schema", arguments={"schema": schema}),
        Constraint(kind="json_schema", arguments={"schema": {"$ref": "#"}}),
        Constraint(kind="detectable_format:json_format"),
    ):
        assert isinstance(check(constraint, text), Verdict)


@pytest.mark.parametrize("links", [41, 1000])
def test_a_schema_that_is_a_chain_of_references_is_not_run(links: int) -> None:
    chain: dict[str, JsonValue] = {f"d{n}": {"allOf": [{"$ref": f"#/$defs/d{n + 1}"}]} for n in range(links)}
    schema: JsonValue = {"$ref": "#/$defs/d0", "$defs": {**chain, f"d{links}": {"type": "array"}}}
    outcome = check(Constraint(kind="json_schema", arguments={"schema": schema}), "[]")
    assert isinstance(outcome, Failure)
    assert "references is not run" in outcome.message


@pytest.mark.parametrize(("depth", "passed"), [(200, True), (201, False), (100_000, False)])
def test_json_may_be_nested_200_levels_deep(depth: int, passed: bool) -> None:
    schema: JsonValue = {"$ref": "#/$defs/tree", "$defs": {"tree": {"items": {"$ref": "#/$defs/tree"}}}}
    verdict = check(Constraint(kind="json_schema", arguments={"schema": schema}), "[" * depth + "]" * depth)
    assert isinstance(verdict, Verdict)
    assert verdict.passed is passed
    assert passed or verdict.evidence.endswith("no JSON: nested deeper than 200 levels")


def test_a_schema_fetches_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        port = server.getsockname()[1]
        for uri in (f"http://127.0.0.1:{port}/schema.json", "file:///etc/hostname"):
            outcome = check(Constraint(kind="json_schema", arguments={"schema": {"$ref": uri}}), "1")
            assert isinstance(outcome, Failure)
            assert outcome.cause == "bad_arguments"
        with pytest.raises(BlockingIOError):
            server.accept()
