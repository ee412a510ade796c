"""Each kind of constraint on small texts by hand: what keeps to it, what does not, and what the evidence then says."""

from __future__ import annotations

import pytest
from pydantic import JsonValue

from redraft.schema import Constraint, Failure, Verdict
from redraft.verifiers.constraints.catalogue import CHECKS, check

pytest.importorskip("re2", reason="google-re2 is not installed: pip install 'redraft[constraints]'")
pytest.importorskip("jsonschema_rs", reason="jsonschema-rs is not installed: pip install 'redraft[constraints]'")
pytest.importorskip("langdetect", reason="langdetect is not installed: pip install 'redraft[constraints]'")

Case = tuple[str, dict[str, JsonValue], str, str, str]

THREE: dict[str, JsonValue] = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}

# Kind, arguments, a text that keeps to it, one that does not, and the evidence of the latter.
CASES: list[Case] = [
    (
        "length_constraints:number_words",
        {"relation": "at least", "num_words": 4},
        "One, two: three-four.",
        "Don't go",
        "at least 4 words: 3 words",
    ),
    (
        "length_constraints:number_words",
        {"relation": "less than", "num_words": 2},
        "one",
        "one two",
        "less than 2 words: 2 words",
    ),
    (
        "length_constraints:number_sentences",
        {"relation": "at least", "num_sentences": 3},
        "Dr. Who? Yes! He came.",
        "J. R. Smith paid 3.50 dollars to Mr. Jones. Really",
        "at least 3 sentences: 2 sentences",
    ),
    (
        "length_constraints:number_sentences",  # IFEval's splitter takes a numeral for a sentence
        {"relation": "less than", "num_sentences": 3},
        "1. eat.\n2. sleep.",
        "1. Eat.\n2. Sleep.",
        "less than 3 sentences: 4 sentences",
    ),
    (
        "length_constraints:number_paragraphs",
        {"num_paragraphs": 2},
        "a\n***\nb\n***",
        "a\n\nb",
        "exactly 2 paragraphs parted by ***: 1 paragraph",
    ),
    (
        "length_constraints:number_paragraphs",
        {"num_paragraphs": 2},
        "a *** b",
        "a\n***\n***\nb",
        "exactly 2 paragraphs parted by ***: an empty paragraph among them",
    ),
    (
        "length_constraints:nth_paragraph_first_word",
        {"num_paragraphs": 2, "nth_paragraph": 2, "first_word": "weekend"},
        "a\n\n\"Weekend's end",
        "a\n\nb",
        "exactly 2 paragraphs parted by an empty line, number 2 opening with 'weekend': "
        "2 paragraphs, number 2 opening with 'b'",
    ),
    (
        "length_constraints:nth_paragraph_first_word",
        {"num_paragraphs": 2, "nth_paragraph": 2, "first_word": "b"},
        "a\n\nB.",
        "a",
        "exactly 2 paragraphs parted by an empty line, number 2 opening with 'b': 1 paragraph",
    ),
    ("length:characters", {"maximum": 3}, "äöü", "abcd", "at most 3 characters: 4 characters"),
    (
        "length:words",
        {"minimum": 2, "maximum": 3},
        "one two",
        "one",
        "at least 2 words and at most 3 words: 1 word",
    ),
    ("length:sentences", {"maximum": 2}, "1. Eat.\n2. Sleep.", "A b. C d. 你好。", "at most 2 sentences: 3 sentences"),
    (
        "length:sentences",
        {"minimum": 3},
        "How many? 12. That is all.",
        "What?! No...",
        "at least 3 sentences: 2 sentences",
    ),
    ("length:lines", {"minimum": 2}, "a\nb", "a\n\n", "at least 2 lines: 1 line"),
    ("length:paragraphs", {"minimum": 2}, "a\n \nb", "a\nb", "at least 2 paragraphs: 1 paragraph"),
    ("keywords:existence", {"keywords": ["sun", "c++"]}, "SUNNY C++", "sun", "the keywords 'sun', 'c++': no 'c++'"),
    (
        "keywords:frequency",
        {"keyword": "story", "relation": "at least", "frequency": 2},
        "Story, history",
        "story",
        "'story' at least 2 times: 1 time",
    ),
    ("keywords:forbidden_words", {"forbidden_words": ["rock"]}, "rocks", "Rock!", "none of the words 'rock': 'rock'"),
    (
        "keywords:letter_frequency",
        {"letter": "#", "let_relation": "less than", "let_frequency": 2},
        "#one",
        "#one #two",
        "the letter '#' less than 2 times: 2 times",
    ),
    ("keywords:all", {"words": ["rock", "roll"]}, "Rock, roll", "rock rolls", "all of 'rock', 'roll': no 'roll'"),
    ("keywords:any", {"words": ["rock", "roll"]}, "a roll", "rocks", "one of 'rock', 'roll': none of them"),
    ("keywords:none", {"words": ["Rock"], "match_case": True}, "rock", "Rock", "none of 'Rock': 'Rock'"),
    ("keywords:all", {"words": ["好"], "whole_words": False}, "你好吗", "你", "all of '好': no '好'"),
    (
        "detectable_format:number_bullet_lists",
        {"num_bullets": 2},
        "* a\n  - b\n**c**",
        "* a",
        "exactly 2 bullet points: 1 bullet point",
    ),
    (
        "detectable_format:number_highlighted_sections",
        {"num_highlights": 2},
        "*a* and **b**",
        "*a* and ** **",
        "at least 2 stretches *between asterisks*: 1",
    ),
    (
        "detectable_format:multiple_sections",
        {"section_spliter": "Section", "num_sections": 2},
        "Section 1 a Section2 b",
        "SECTION 1",
        "at least 2 sections headed 'Section 1' and so on: 0 sections",
    ),
    ("detectable_format:title", {}, "x\n<<<A>>>", "<< >>\n<<a\nb>>", "a title in <<double angular brackets>>: none"),
    (
        "detectable_format:constrained_response",
        {},
        "So: My answer is no.",
        "no",
        "one of 'My answer is yes.', 'My answer is no.', 'My answer is maybe.': none of them",
    ),
    (
        "detectable_content:number_placeholders",
        {"num_placeholders": 2},
        "[a] [[b]",
        "[a] [\n]",
        "at least 2 [placeholder]s: 1",
    ),
    (
        "detectable_content:postscript",
        {"postscript_marker": "P.P.S"},
        "x\np. p. s hi",
        "P.S. hi",
        "a postscript opening with 'P.P.S': none",
    ),
    (
        "combination:two_responses",
        {},
        "a******b",
        "a ****** a",
        "two different responses parted by ******: the same twice",
    ),
    (
        "combination:two_responses",
        {},
        "a\n******\nb\n******",
        "a******b******c",
        "two different responses parted by ******: 3 responses",
    ),
    (
        "combination:repeat_prompt",
        {"prompt_to_repeat": "Say hi."},
        " say HI. Hi",
        "Hi",
        "the request repeated first, 'Say hi.': it opens with 'Hi'",
    ),
    ("startend:end_checker", {"end_phrase": "Bye."}, 'Oh. "bye." ', "Bye", "to end with 'Bye.': it ends with 'Bye'"),
    (
        "startend:quotation",
        {},
        ' "a" ',
        '"a',
        "the whole text in double quotation marks: it opens with '\"' and ends with 'a'",
    ),
    ("punctuation:no_comma", {}, "a; b", "yes, no", "no comma: 1 comma, the first in 'yes, no'"),
    (
        "language:response_language",
        {"language": "kn"},
        "ನಮಸ್ಕಾರ, ನೀವು ಹೇಗಿದ್ದೀರಿ?",
        "How are you, my dear old friend?",
        "in the language 'kn': 'en'",
    ),
    (
        "language",
        {"language": "zh-Hans"},
        "这是一个关于语言的问题，我们正在讨论。",
        "12 + 4",
        "in the language 'zh-Hans': no language that can be told",
    ),
    (
        "change_case:english_capital",
        {},
        "THIS IS HOW WE SPEAK TO EACH OTHER HERE.",
        "THIS IS how IT GOES",
        "English in capital letters only: for instance 'how'",
    ),
    (
        "change_case:english_lowercase",
        {},
        "this is how we speak to each other here.",
        "das ist die sprache, die wir hier sprechen.",
        "English in lower-case letters only: 'de'",
    ),
    (
        "change_case:capital_word_frequency",
        {"capital_relation": "at least", "capital_frequency": 2},
        "NASA and I.",
        "Nasa and I",
        "at least 2 words in capitals: 1",
    ),
    (
        "detectable_format:json_format",
        {},
        '```json\n{"a": 1}\n```',
        "{'a': 1}",
        "JSON and nothing else: no JSON: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)",
    ),
    (
        "json_schema",
        {"schema": THREE},
        '{"n": 3}',
        '{"n": "3"}',
        'JSON that is valid under the schema: "3" is not of type "integer" (at [\'n\'])',
    ),
    ("regex", {"pattern": r"\d{4}-\d\d"}, "on 2024-05-01", "on 1 May", r"text that matches '\\d{4}-\\d\\d': none does"),
    (
        "regex",
        {"pattern": "(?i)yes|no", "whole": True},
        "YES",
        "no way",
        "text that matches '(?i)yes|no' from end to end: none does",
    ),
    ("regex", {"pattern": r"\bI\b", "absent": True}, "In", "So I said", r"no text that matches '\\bI\\b': 'I' does"),
]


def test_every_kind_has_a_case_here() -> None:
    assert {kind for kind, *_ in CASES} == set(CHECKS)


@pytest.mark.parametrize(("kind", "arguments", "keeps", "breaks", "evidence"), CASES)
def test_a_text_that_keeps_to_it_and_one_that_does_not(
    kind: str, arguments: dict[str, JsonValue], keeps: str, breaks: str, evidence: str
) -> None:
    constraint = Constraint(kind=kind, arguments=arguments)
    kept, broken = check(constraint, keeps), check(constraint, breaks)
    assert isinstance(kept, Verdict)
    assert (kept.passed, kept.score, kept.verifier) == (True, 1, kind)
    assert broken == Verdict(verifier=kind, signal="tool", score=0, passed=False, evidence=evidence)


@pytest.mark.parametrize(
    ("kind", "arguments", "cause", "complaint"),
    [
        ("length_constraints:number_lines", {}, "unknown_kind", "no such kind of constraint"),
        ("", {}, "unknown_kind", "no such kind of constraint"),
        ("length_constraints:number_words", {"num_words": 3}, "bad_arguments", "relation: Missing required"),
        ("length_constraints:number_words", {"relation": "about", "num_words": 3}, "bad_arguments", "relation: Input"),
        ("length_constraints:number_words", {"relation": "at least", "num_words": -1}, "bad_arguments", "num_words: "),
        ("punctuation:no_comma", {"commas": 3}, "bad_arguments", "commas: Unexpected keyword"),
        ("punctuation:no_comma", {"text": "a"}, "bad_arguments", "text: "),
        ("keywords:existence", {"keywords": []}, "bad_arguments", "keywords: "),
        ("keywords:existence", {"keywords": [""]}, "bad_arguments", "keywords.0: "),
        ("length:words", {}, "bad_arguments", "minimum or maximum must be given"),
        ("length:words", {"minimum": 3, "maximum": 2}, "bad_arguments", "minimum 3 is above maximum 2"),
        ("language", {"language": "klingonisch"}, "bad_arguments", "is not a language code"),
        ("language", {"language": "la"}, "bad_arguments", "langdetect cannot tell 'la'"),
        ("json_schema", {"schema": {"type": "nothing"}}, "bad_arguments", "not a JSON Schema"),
        ("json_schema", {"schema": {"pattern": "(?=a)"}}, "bad_arguments", "not a JSON Schema"),
        ("json_schema", {"schema": {"$ref": "#/$defs/a"}}, "bad_arguments", "not a JSON Schema"),
        ("regex", {"pattern": "(a"}, "bad_arguments", "RE2 cannot read"),
        ("regex", {"pattern": r"(a)\1"}, "bad_arguments", "RE2 cannot read"),
        ("regex", {"pattern": "((a{1000}){1000}){1000}"}, "bad_arguments", "RE2 cannot read"),
    ],
)
def test_a_constraint_that_cannot_be_checked_is_a_failure_that_names_it(
    kind: str, arguments: dict[str, JsonValue], cause: str, complaint: str
) -> None:
    failure = check(Constraint(kind=kind, arguments=arguments), "some text")
    assert isinstance(failure, Failure)
    assert failure.cause == cause
    assert failure.message.startswith(f"{kind}: ")
    assert complaint in failure.message


@pytest.mark.parametrize(
    ("draft", "strict"),
    [("Sure!\nwell done", False), ("well done\nBye!", False), ("Hi!\nwell done\nBye!", False), ("well *done*", False)],
)
def test_loosely_read_the_first_line_the_last_and_asterisks_do_not_count(draft: str, strict: bool) -> None:
    constraint = Constraint(kind="regex", arguments={"pattern": "well done", "whole": True})
    verdicts = check(constraint, draft), check(constraint, draft, loose=True)
    assert [isinstance(verdict, Verdict) and verdict.passed for verdict in verdicts] == [strict, True]


@pytest.mark.parametrize("loose", [False, True])
@pytest.mark.parametrize("blank", ["", " \n", "\u2028"])
def test_a_blank_draft_keeps_to_nothing(blank: str, loose: bool) -> None:
    verdict = check(Constraint(kind="punctuation:no_comma"), blank, loose=loose)
    assert isinstance(verdict, Verdict)
    assert (verdict.passed, verdict.evidence) == (False, "no comma: nothing is written")


def test_loosely_read_a_draft_of_asterisks_alone_keeps_to_no_more_than_strictly() -> None:
    verdict = check(Constraint(kind="length:words", arguments={"minimum": 1}), "***\n**", loose=True)
    assert isinstance(verdict, Verdict)
    assert not verdict.passed
