"""The corrected text in a reply, without what the model said around it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redraft.agents.parsing import parse_text
from redraft.schema import Unparsed

TEXT = "Das Haus ist rot."


@pytest.mark.parametrize(
    "reply",
    [
        TEXT,
        f"Corrected Translation: {TEXT}",
        f"**Corrected Translation:** {TEXT}",
        f"**Corrected Translation**: {TEXT}",
        f"### Corrected Translation\n\n{TEXT}",
        f"corrected translation:\n\n„{TEXT}“",
        f"Corrected Translation (German): {TEXT}",
        f"Corrected Translation:\n```\n{TEXT}\n```",
        f"Corrected Translation:\n> {TEXT}",
        f"The corrected German translation would be: {TEXT}",
        f"The corrected translation is:\n\n“{TEXT}”\n\nI replaced one word.",
        f"Post-edited translation: {TEXT}",
        f"Translation: {TEXT}",
        f"German translation: {TEXT}",
        f"Better answer:\n{TEXT}",
        f"Sure! Here is the corrected translation:\n\n{TEXT}",
        f"Sure! Here is the corrected translation: {TEXT}",
        f"Here's the corrected translation with the error fixed:\n\n{TEXT}",
        f"Here is the corrected version:\n```\n{TEXT}\n```\nI changed one word.",
        f"```german\n{TEXT}\n```",
        f'{{"translation": "{TEXT}"}}',
        f'```json\n{{"Final Target": "{TEXT}"}}\n```',
        f'{{"corrected_translation": "{TEXT}", "changes": "one word"}}',
        f"{TEXT} -- corrected translation",
        f'"{TEXT}"',
        f"«{TEXT}»",
        f"'{TEXT}'",
        f"**{TEXT}**",
        f"{TEXT}\n\nNote: I changed the verb.",
        f"{TEXT}\nExplanation: the verb was wrong.",
        f"{TEXT}\n\n**Explanation:**\n- the verb",
        f"{TEXT}\n\nChanges made:\n- the verb",
        f"{TEXT}\n\n(I replaced the verb.)",
        f"{TEXT}\n\n---\n\nExplanation of changes",
        f"{TEXT}\n\nI hope this helps!",
        f"{TEXT}\n\nLet me know if you need more.",
        f"Corrected Translation: Das Haus.\n\nOn second thought:\n\nFinal Translation: {TEXT}",
        f"Corrected Translation: {TEXT}\n\nEnglish source:\n```\na\n```\n\nCorrected Translation: Etwas anderes.",
        f"Source: The house is red.\nOriginal translation: Haus rot.\nCorrected Translation: {TEXT}",
        f"<think>Corrected Translation: hm</think>\n{TEXT}<|eot_id|>",
    ],
)
def test_one_text_however_it_is_wrapped(reply: str) -> None:
    assert parse_text(reply) == TEXT


@pytest.mark.parametrize(
    ("reply", "text"),
    [
        ("Corrected Translation:\nEins.\n\nZwei.", "Eins.\n\nZwei."),
        ("Eins.\n\nZwei.\n\nNote: I changed it.", "Eins.\n\nZwei."),
        ("„Ja“, sagte er, „Nein“", "„Ja“, sagte er, „Nein“"),
        ('"Ja" und "Nein"', '"Ja" und "Nein"'),
        ("'It's fine'", "It's fine"),
        ("**a** und **b**", "**a** und **b**"),
        ("* a\n* b", "* a\n* b"),
        ("Here is what you need to know:\n1. a", "Here is what you need to know:\n1. a"),
        ("Note: keep it dry.", "Note: keep it dry."),
        ("Danger.\n\nNote: keep it dry.", "Danger.\n\nNote: keep it dry."),
        ("2 and 2.\n\nFinal answer: 4", "2 and 2.\n\nFinal answer: 4"),
        ("One.\n\n```python\nx = 1\n```\n\nTwo.", "One.\n\n```python\nx = 1\n```\n\nTwo."),
        ("Here is the code:\n```python\nx = 1\n```\nIt runs.", "x = 1"),
        ('{"target": "Eins\\nZwei"}', "Eins\nZwei"),
        ('{"target": "He said "hi" to me."}', 'He said "hi" to me.'),
        ("Corrected Translation: 你好。", "你好。"),
    ],
)
def test_what_belongs_to_the_text_stays(reply: str, text: str) -> None:
    assert parse_text(reply) == text


@pytest.mark.parametrize(
    "reply",
    [
        *("", "Corrected Translation:", "**Corrected Translation:**", 'Corrected Translation: ""', "```\n```"),
        *(
            '{"translation": ""}',
            '{"translation": 7}',
            '{"target": "Das Ha',
            '{"target": "' + 'a "b" ' * 400,
            "-- corrected translation",
            "<think>Das Haus",
        ),
        *("No changes needed.", "The translation is already correct.", "Corrected Translation: No corrections needed."),
        "I'm sorry, but I cannot assist with that request.",
    ],
)
def test_no_text_is_unparsed(reply: str) -> None:
    assert isinstance(parse_text(reply), Unparsed)


def test_the_keys_of_a_json_reply_can_be_named() -> None:
    assert parse_text('{"Proof": "x"}', keys=("proof",)) == "x"


WORDS = st.text("abcdefghijklmnopqrstuvwxyzäöüß", min_size=4, max_size=9)


@given(st.lists(WORDS, min_size=2, max_size=8).map(lambda words: " ".join(words).capitalize() + "."))
def test_a_plain_sentence_is_given_back_from_every_wrapping(sentence: str) -> None:
    for wrapping in ("{}", "Corrected Translation: {}", '"{}"', "```\n{}\n```", '{{"target": "{}"}}'):
        assert parse_text(wrapping.format(sentence)) == sentence
