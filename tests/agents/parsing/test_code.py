"""The program in a reply: fenced or not, and never what is none."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from redraft.agents.parsing import parse_code
from redraft.schema import Unparsed

F = "def f(x):\n    return x + 1\n"
G = "import math\n\ndef g(x):\n    return math.sqrt(x)\n"


@pytest.mark.parametrize(
    ("reply", "program"),
    [
        (F, F),
        (f"```python\n{F}```", F),
        (f"```\n{F}```", F),
        (f"~~~py\n{F}~~~", F),
        (f"Here is the program:\n\n```python\n{F}```\nIt adds one.", F),
        (f"```python\n{F}", F.rstrip()),  # Cut short, or the fence forgotten.
        (f"First:\n```python\n{F}```\nThen it is used:\n```python\nprint(f(1))\n```\nwhich prints:\n```\n2\n```", F),
        (f"```python\n{F}```\nBetter:\n```python\n{G}```", G),
        (f"```bash\npip install numpy\n```\n```python\n{F}```", F),
        (f"````markdown\n```\nno\n```\n````\n```python\n{F}```", F),
        (f"<think>```python\n{G}```</think>```python\n{F}```", F),
        ("```python\nx = 1\n```", "x = 1\n"),
        ("x = '<think>'\nprint(x)", "x = '<think>'\nprint(x)"),
        ("def f(x:\n    return", "def f(x:\n    return"),  # A program with a mistake in it is a program.
        (f'```python\ns = """\n{F}"""\n```', f's = """\n{F}"""\n'),
    ],
)
def test_the_program_is_found(reply: str, program: str) -> None:
    assert parse_code(reply) == program


def test_of_several_blocks_the_one_that_defines_what_is_asked_for_counts() -> None:
    reply = f"```python\n{F}```\nAnd another:\n```python\n{G}```"
    assert parse_code(reply, "f") == F
    assert parse_code(reply, "g") == G
    assert parse_code(reply, "h") == G


@pytest.mark.parametrize(
    "reply",
    ["", "   ", "Sorry", "I cannot do that.", "42", "```json\n{}\n```", "```python\n```", "<think>def f(): pass", "f"],
)
def test_what_is_no_program_is_unparsed(reply: str) -> None:
    assert isinstance(parse_code(reply), Unparsed)


@given(
    st.text() | st.lists(st.sampled_from(["```", "python", "\n", F, "~~~", "def f", "(", "\0", "'" * 3])).map("".join)
)
@example("(" * 100_000)
@example("\\d" * 10)
@example("'\\d'; x = 1")
def test_no_reply_raises(reply: str) -> None:
    assert isinstance(parse_code(reply), str | Unparsed)
