"""MQM annotations in JSON, whole and broken, and the choice between JSON and lines."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redraft.agents.parsing import MQM_SCHEMA, parse_mqm, parse_mqm_any, parse_mqm_json
from redraft.agents.parsing.mqm_schema import CATEGORIES
from redraft.schema import Finding, Severity, Unparsed


def read(reply: str) -> list[tuple[str, str, str]] | str:
    findings = parse_mqm_any(reply)
    if isinstance(findings, Unparsed):
        return findings.reason
    return [(finding.severity, finding.category, finding.quote) for finding in findings]


@pytest.mark.parametrize(
    "reply",
    [
        '{"critical": [], "major": [{"category": "accuracy/omission", "span": "x"}], "minor": []}',
        '{"critical": "no-error", "major": {"category": "accuracy/omission", "span": "x"}, "minor": null}',
        '{"Critical": "None", "MAJOR": ["accuracy/omission - \'x\'"], "Minor errors": ""}',
        '{"critical": [], "major": [["accuracy/omission", "x"]], "minor": []}',
        '{"critical": {}, "major": {"accuracy/omission": ["x"]}, "minor": {}}',
        '{"critical": [{"category": "no-error", "span": ""}], "major": [{"type": "accuracy/omission", "text": "x"}]}',
        '{"critical": "no-error", "major": "accuracy/omission - \\"x\\"", "minor": "no-error"}',
        '{"errors": [{"severity": "Major", "category": "accuracy/omission", "span": "x", "explanation": "why"}]}',
        '{"mqm": {"critical": [], "major": ["accuracy/omission - \\"x\\""], "minor": []}}',
        '{"errors": ["Major: accuracy/omission - \'x\'"]}',
        '[{"Error_Type": "Accuracy/Omission", "Quote": "x", "Level": "MAJOR error"}]',
        '[{"category": "Accuracy", "subcategory": "Omission", "span": "x", "severity": "major"}]',
        '{"severity": "major", "category": "accuracy/omission", "span": "x"}',
        'Here it is:\n```json\n{"major": [{"category": "accuracy/omission", "span": "x"}]}\n```\nHope this helps.',
        'Here it is: {"major": [{"category": "accuracy/omission", "span": "x"}]} That is all.',
        '<think>{"critical": []}</think>{"major": [{"category": "accuracy/omission", "span": "x"}]}',
        '{"major": [], "major": [{"category": "accuracy/omission", "span": "x"}]}',
    ],
)
def test_one_major_error_in_every_shape(reply: str) -> None:
    assert read(reply) == [("major", "accuracy/omission", "x")]


@pytest.mark.parametrize(
    ("reply", "quotes"),
    [
        ("{'critical': [], 'major': [{'category': 'other', 'span': \"it's\"}], 'minor': [],}", ["it's"]),
        ("{critical: [], major: [{category: other, span: x y}], minor: []}", ["x y"]),
        ('{"critical": [], "major": [{"category": "other", "span": "say "x" now"}], "minor": []}', ['say "x" now']),
        ('{"critical": "no-error", "major": "other - "x"", "minor": "no-error"}', ["x"]),
        ('{"critical": "no-error",\n "major": "other - "x"\nother - "y"",\n "minor": "no-error"\n}', ["x", "y"]),
        ('{"major": "other - \\"x\\"; other - \\"y\\""}', ["x", "y"]),
        ('{"major": "other - \\"x\\"\\nother - \\"y\\""}', ["x", "y"]),
        ('{"major": [{"category": "other", "span": ["x", "y"]}]}', ["x", "y"]),
        ('{"major": [{"category": "other", "span": "x"}, {"category": "other", "span": "y"', ["x", "y"]),
        ('{"major": [{"category": "other", "span": "half \\ud83d"}]}', ["half \ufffd"]),
    ],
)
def test_broken_json_is_mended(reply: str, quotes: list[str]) -> None:
    assert read(reply) == [("major", "other", quote) for quote in quotes]


@pytest.mark.parametrize(
    "reply",
    [
        '{"critical": [], "major": [], "minor": []}',
        '{"critical": "no-error", "major": "no-error.", "minor": "None"}',
        '{"critical": null, "major": "", "minor": []}',
        '{"critical": no-error, "major": no-error, "minor": no-error}',
        '{"errors": []}',
        '{"errors": "no-error"}',
        "```json\n[]\n```",
        '{"critical": [], "major": [], "minor": []}\n\nThe translation is accurate.',
    ],
)
def test_empty_lists_say_that_there_is_no_error(reply: str) -> None:
    assert read(reply) == []


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        ("{}", "neither an error nor a statement that there is none"),
        ('{"answer": "A"}', "neither an error nor a statement that there is none"),
        ('{"major": []}', "no error, but nothing is said of critical and minor errors"),
        ('{"critical": [], "major": [], "minor": [', "cut short before its end"),
        ('{"critical": 0, "major": 2, "minor": 0}', "no error could be read, yet it says: 2"),
        ('{"critical": [], "major": ["x is wrong"], "minor": []}', "no error could be read, yet it says: x is wrong"),
        ('{"errors": [{"category": "other", "span": "x"}]}', "an error without a severity"),
        ('{"errors": [{"severity": "neutral", "category": "other", "span": "x"}]}', "an error without a severity"),
        ('{"errors": [{"severity": "major", "span": "x"}]}', "neither an error nor a statement that there is none"),
    ],
)
def test_json_without_evidence_is_unparsed(reply: str, reason: str) -> None:
    assert read(reply) == reason


@pytest.mark.parametrize("reply", ["no JSON at all", "Major:\nother - 'x'", '[Major] other - "x"', '{"answer": "A"}'])
def test_what_lists_no_errors_is_no_annotation(reply: str) -> None:
    assert isinstance(parse_mqm_json(reply), Unparsed)


@pytest.mark.parametrize(
    ("reply", "quote"),
    [
        ('Major:\nother - "{"errors": []}"', '{"errors": []}'),
        ('Major:\nother - "x\n{"critical": [], "major": [], "minor": []}\ny"', None),
        ('[Major] other - "x"', "x"),
        ('Critical:\nno-error\nMajor:\nother - "[1]"', "[1]"),
    ],
)
def test_json_quoted_from_the_judged_text_is_no_verdict(reply: str, quote: str | None) -> None:
    findings = parse_mqm_any(reply)
    assert findings
    assert quote is None or findings == (Finding(severity="major", category="other", quote=quote),)


def test_the_schema_bounds_all_that_a_model_may_write() -> None:
    schema = json.loads(MQM_SCHEMA)
    assert set(schema["required"]) == set(schema["properties"]) == {"critical", "major", "minor"}
    for errors in schema["properties"].values():
        assert errors["maxItems"]
        assert errors["items"]["additionalProperties"] is False
        assert errors["items"]["properties"]["span"]["maxLength"]
        assert errors["items"]["properties"]["category"]["enum"] == list(CATEGORIES)
    assert schema["additionalProperties"] is False
    assert not any(character.isspace() for character in MQM_SCHEMA.replace(" text", "").replace(" encoding", "")[:60])


# Words of more than one alphabet, none of which means anything in an annotation.
WORDS = st.text("defghijklqrsßéžабв中文한", min_size=4, max_size=9)
SPANS = st.lists(WORDS, min_size=1, max_size=4).flatmap(
    lambda words: st.sampled_from([" ", ", ", ". ", "-"]).map(lambda by: by.join(words))
)
FINDINGS = st.lists(
    st.builds(
        Finding,
        severity=st.sampled_from(["critical", "major", "minor"]),
        category=st.sampled_from(CATEGORIES),
        quote=SPANS,
    ),
    max_size=6,
).map(lambda findings: tuple(sorted(findings, key=lambda finding: finding.severity)))
SEVERITIES: tuple[Severity, ...] = ("critical", "major", "minor")


@given(findings=FINDINGS)
def test_what_a_guided_model_writes_comes_back_whole(findings: tuple[Finding, ...]) -> None:
    reply = {
        name: [{"category": it.category, "span": it.quote} for it in findings if it.severity == name]
        for name in SEVERITIES
    }
    assert parse_mqm_any(json.dumps(reply)) == findings
    assert parse_mqm_any(f"Sure:\n```json\n{json.dumps(reply, indent=2, ensure_ascii=False)}\n```") == findings


@given(
    findings=FINDINGS,
    header=st.sampled_from(["{}:", "**{}:**", "### {}", "{} errors:", "- {}:"]),
    item=st.sampled_from(['{} - "{}"', "- **{}** – “{}”", "1. {}: «{}»", "* {} - „{}“"]),
    nothing=st.sampled_from(["no-error", "None.", "- no-error"]),
)
def test_what_is_written_in_lines_comes_back_whole(
    findings: tuple[Finding, ...], header: str, item: str, nothing: str
) -> None:
    lines = []
    for severity in SEVERITIES:
        lines.append(header.format(severity.title()))
        lines += [item.format(it.category, it.quote) for it in findings if it.severity == severity] or [nothing]
    assert parse_mqm("\n".join(lines)) == findings
