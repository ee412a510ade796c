"""The line format of MQM annotations, as models write it."""

import pytest

from redraft.agents.parsing import parse_mqm
from redraft.schema import Finding, Unparsed

ITEM = 'accuracy/mistranslation - "x"'


def read(reply: str, **options: bool) -> list[tuple[str, str, str]] | str:
    findings = parse_mqm(reply, **options)
    if isinstance(findings, Unparsed):
        return findings.reason
    return [(finding.severity, finding.category, finding.quote) for finding in findings]


@pytest.mark.parametrize(
    "reply",
    [
        f"Critical:\nno-error\nMajor:\n{ITEM}\nMinor:\nno-error",
        f"**Critical:**\nno-error\n\n**Major:**\n{ITEM}\n\n**Minor:**\nno-error",
        f"### Critical\nno-error\n### Major\n{ITEM}\n### Minor\nno-error",
        f"_Critical_:\nno-error\n_Major_:\n{ITEM}",
        f"CRITICAL\nno-error\nMAJOR\n{ITEM}\nMINOR\nno-error",
        f"Critical errors:\nNone\n\nMajor errors:\n1. {ITEM}\n\nMinor errors: None",
        f"Critical Errors (0)\n\nMajor Errors (1)\n- {ITEM}\n\nMinor Errors (0)",
        f"Critical: no-error\nMajor: {ITEM}\nMinor: no-error",
        f"Critical: no-error Major: {ITEM} Minor: no-error",
        f"Critical: none; Major: {ITEM}; Minor: none",
        f"[Major] {ITEM}",
        f"(major) {ITEM}",
        f"Major - {ITEM}",
        f"**Major** – {ITEM}",
        f"Major {ITEM}",
        f"1. Major: {ITEM}",
        f"{ITEM} - major",
        f"{ITEM} (major)",
        f"{ITEM} [Major error].",
        f"{ITEM}, severity: major",
        f"Error 1: {ITEM} - Severity: Major",
        'accuracy/mistranslation (major): "x"',
        'accuracy/mistranslation - major - "x"',
        f"🔴 Critical: none\n🟠 Major: {ITEM}\n🟡 Minor: none",
        f"```\nCritical:\nno-error\nMajor:\n{ITEM}\nMinor:\nno-error\n```",
        f"Based on the source segment and the translation, here are the errors:\n\nMajor:\n{ITEM}\n\nNote: fine.",
        f'Major:\n{ITEM}\nMinor:\nno-error<|eot_id|>Minor:\nstyle/awkward - "y"',
        f"<think>Critical: {ITEM}</think>Major:\n{ITEM}",
        'Major:\naccuracy/mistranslation:\n- "x"',
        'Major:\naccuracy/mistranslation -\n"x"',
        "Critical:\n- Category: no-error\nMajor:\n- Category: accuracy/mistranslation\n  Span: x",
        'Severity: Major\nCategory: accuracy/mistranslation\nSpan: "x"',
        '1. Error type: accuracy/mistranslation\n   Span: "x"\n   Severity: Major',
        '| Severity | Category | Span |\n|---|---|---|\n| Major | accuracy/mistranslation | "x" |',
        f"Major:\n{ITEM}\n\nEnglish source:\n```\na\n```\nGerman translation:\n```\nb\n```\nMajor:\n- {ITEM}",
    ],
)
def test_one_major_error_however_it_is_laid_out(reply: str) -> None:
    assert read(reply) == [("major", "accuracy/mistranslation", "x")]


@pytest.mark.parametrize(
    ("line", "quotes"),
    [
        ("accuracy/omission - “x y”", ["x y"]),
        ("accuracy/omission - „x“", ["x"]),
        ("accuracy/omission - ”x”", ["x"]),
        ("accuracy/omission - «x»", ["x"]),
        ("accuracy/omission - »x«", ["x"]),
        ("accuracy/omission - ‹x›", ["x"]),
        ("accuracy/omission - ‚x‘", ["x"]),
        ("accuracy/omission - ‘x’", ["x"]),
        ("accuracy/omission - 'x'", ["x"]),
        ("accuracy/omission - `x`", ["x"]),
        ("accuracy/omission - 「x」", ["x"]),
        ('accuracy/omission - \\"x\\"', ["x"]),
        ("accuracy/omission - 'don't go'", ["don't go"]),
        ("accuracy/omission - the dog's bowl", ["the dog's bowl"]),
        ('accuracy/omission – "x"', ["x"]),
        ('accuracy/omission—"x"', ["x"]),
        ('accuracy/omission: "x"', ["x"]),
        ('accuracy/omission- "x"', ["x"]),
        ('accuracy/omission "x"', ["x"]),
        ('accuracy/omission ("x")', ["x"]),
        ("accuracy/omission (x y)", ["x y"]),
        ("accuracy/omission - x y", ["x y"]),
        ("accuracy/omission - **x**", ["x"]),
        ('**accuracy/omission** - *"x"*', ["x"]),
        ('`accuracy/omission` - "x"', ["x"]),
        ('"x" - accuracy/omission', ["x"]),
        ("“x” (accuracy/omission)", ["x"]),
        ("* Accuracy / Omission: «x»", ["x"]),
        ('Accuracy - Omission - "x"', ["x"]),
        ('accuracy (omission) - "x"', ["x"]),
        ("2) accuracy/omission - “x”.", ["x"]),
        ('accuracy/omission - "a", "b"', ["a", "b"]),
        ('accuracy/omission - "a" and "b"', ["a", "b"]),
        ('accuracy/omission - "a"; accuracy/omission - "b"', ["a", "b"]),
        ('accuracy/omission - "He said "hello" to me"', ['He said "hello" to me']),
        ('accuracy/omission - "5" disk"', ['5" disk']),
        ('accuracy/omission - "“x”"', ["“x”"]),
        ('accuracy/omission - """', ['"']),
        ('accuracy/omission - "never closed', ["never closed"]),
        ('accuracy/omission - "Critical: do not open"', ["Critical: do not open"]),
        ('accuracy/omission - "Buy\nCritical: no\nMinor:"', ["Buy\nCritical: no\nMinor:"]),
        ('accuracy/omission - "Ignore the above. Critical: no-error"', ["Ignore the above. Critical: no-error"]),
        ("accuracy/omission - Ursa Major: the bear", ["Ursa Major: the bear"]),
        ("accuracy/omission", [""]),
    ],
)
def test_spans_however_they_are_marked(line: str, quotes: list[str]) -> None:
    reply = f"Critical:\nno-error\nMajor:\n{line}\nMinor:\nno-error"
    assert read(reply) == [("major", "accuracy/omission", quote) for quote in quotes]


@pytest.mark.parametrize(
    ("rest", "quote", "explanation"),
    [
        ('"x" - should be "y"', "x", 'should be "y"'),
        ('"x" (should be "y")', "x", 'should be "y"'),
        ('"x": the verb is wrong', "x", "the verb is wrong"),
        ('"x" instead of "y"', "x", 'instead of "y"'),
        ('"x" → "y"', "x", '→ "y"'),
        ('"x" - Explanation: it is odd', "x", "it is odd"),
        ('the phrase "x" should be "y"', "x", 'should be "y"'),
        ('it says "x", which is odd', "x", 'it says "x", which is odd'),
        ("“翻译”应为“译文”", "翻译", "应为“译文”"),
        ('"x" - odd (major)', "x", "odd"),
        ('"x"\n  Explanation: it is odd', "x", "it is odd"),
    ],
)
def test_what_follows_the_span_explains_it(rest: str, quote: str, explanation: str) -> None:
    assert parse_mqm(f"Major:\nstyle/awkward - {rest}") == (
        Finding(severity="major", category="style/awkward", quote=quote, explanation=explanation),
    )


@pytest.mark.parametrize(
    ("category", "normal"),
    [
        ("Accuracy/Untranslated_Text", "accuracy/untranslated text"),
        ("non-translation", "non-translation"),
        ("Other", "other"),
        ("terminology/inappropriate for context", "terminology/inappropriate for context"),
        ("Locale convention/Date format", "locale convention/date format"),
        ("Mistranslation", "mistranslation"),
        ("word choice", "word choice"),
    ],
)
def test_categories_are_in_lower_case_and_plain(category: str, normal: str) -> None:
    assert read(f'Minor:\n{category} - "x"') == [("minor", normal, "x")]


@pytest.mark.parametrize(
    "reply",
    [
        *(
            "no-error",
            "no-error.",
            "**no-error**",
            "No errors",
            "None",
            "(none)",
            "N/A",
            "no-error found",
            "No error found.",
        ),
        "There are no errors in the translation.",
        "The translation is accurate and contains no errors.",
        "No critical, major or minor errors were found.",
        "No critical errors.\nNo major errors.\nNo minor errors.",
        "no-error (the translation is correct)",
        "Critical:\nno-error\nMajor:\nno-error\nMinor:\nno-error",
        "Critical: N/A\nMajor: (none)\nMinor: None.",
        "Critical: no-error Major: no-error Minor: no-error",
        "Critical:\nMajor:\nMinor:",
        "Critical: -\nMajor: []\nMinor: 0",
        "Critical/Major/Minor: no-error",
        "Critical: There are no critical errors in this translation.\nMajor: No major errors found.\nMinor: none",
        'Critical:\nno-error\nMajor:\naccuracy/mistranslation - "no-error"\nMinor:\nno-error',
        "Critical:\nno-error\nMajor:\nno-error\nMinor:\nno-error\n\nThe translation conveys the meaning accurately.",
        "Here are the errors:\n\nCritical: none\nMajor: none\nMinor: none\n\nLet me know if you need more.",
    ],
)
def test_no_findings_where_the_reply_says_so(reply: str) -> None:
    assert read(reply) == []


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        ("", "an empty reply"),
        ("The translation is perfect.", "neither an error nor a statement that there is none"),
        ("I'm sorry, but I can't help with that.", "neither an error nor a statement that there is none"),
        ("It would be wrong to say there are no errors.", "neither an error nor a statement that there is none"),
        ('The text says "Critical: no-error Major: no-error Minor: no-error".', "neither an error nor a statement"),
        ("Critical errors keep a reader from understanding.", "neither an error nor a statement that there is none"),
        ("Critical:", "nothing is said of major and minor errors"),
        ("Critical:\nno-error\nMajor:\nno-error", "nothing is said of minor errors"),
        ("No critical or major errors were found.", "nothing is said of minor errors"),
        ("Critical:\nno-error\nMajor:\nsomething odd\nMinor:\nno-error", "yet it says: something odd"),
        ('no-error\n\nHowever, "x" is wrong.', "yet it says: However"),
        ("no-error, but the word order could be improved", "neither an error nor a statement that there is none"),
        ('Critical:\nno-error\nMajor:\nNote: "x" should be "y"\nMinor:\nno-error', 'yet it says: Note: "x" should'),
        (ITEM, "an error without a severity"),
        (f"{ITEM}\n\nMinor: no-error", "an error without a severity"),
    ],
)
def test_no_findings_is_never_guessed(reply: str, reason: str) -> None:
    unparsed = parse_mqm(reply)
    assert isinstance(unparsed, Unparsed)
    assert reason in unparsed.reason


def test_an_error_without_a_severity_is_left_out_beside_one_with() -> None:
    assert read(f"{ITEM}\nMajor:\n{ITEM}") == [("major", "accuracy/mistranslation", "x")]


def test_each_error_of_a_line_keeps_its_own_severity() -> None:
    line = 'accuracy/omission - "a" (critical), fluency/grammar - "b" (minor)'
    assert read(line) == [("critical", "accuracy/omission", "a"), ("minor", "fluency/grammar", "b")]


def test_gembas_rule_makes_a_non_translation_critical_where_it_is_asked_for() -> None:
    reply = 'Minor:\nnon-translation - "x"\nfluency/grammar - "y"'
    kept = ("minor", "fluency/grammar", "y")
    assert read(reply) == [("minor", "non-translation", "x"), kept]
    assert read(reply, non_translation_critical=True) == [("critical", "non-translation", "x"), kept]
