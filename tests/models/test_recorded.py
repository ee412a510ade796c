"""What was recorded is played back to the letter, and nothing else is."""

from __future__ import annotations

from pathlib import Path

import pytest

from redraft.errors import ConfigError
from redraft.models.base import ChatResponse, Choice, Completion, TokenLogprob
from redraft.models.errors import NotRecorded, ServerFault
from redraft.models.recorded import Recorded, Recorder
from redraft.models.scripted import Scripted
from tests.models.asking import ask

REQUESTS = [
    ask("one"),
    ask("zwei \N{LATIN SMALL LETTER U WITH DIAERESIS}\n\u2028 \N{GRINNING FACE}"),
    ask("one", n=2, temperature=0.7, seed=1, stop=("x",)),
    ask("one", constraint=Choice(("a", "b")), logprobs=1),
]


def talkative() -> Scripted:
    logprobs = (TokenLogprob("a", -0.5, (("a", -0.5), ("b", -1.25))),)
    return Scripted(lambda request: Completion(request.messages[0].content[::-1], "stop", logprobs))


async def record(path: Path, model: Scripted) -> list[ChatResponse]:
    recorder = Recorder(model, path)
    responses = [await recorder.chat(request) for request in REQUESTS]
    await recorder.aclose()
    return responses


async def test_a_recording_is_played_back_to_the_letter(tmp_path: Path) -> None:
    responses = await record(tmp_path / "tape.jsonl", talkative())
    recorded = Recorded(tmp_path / "tape.jsonl")
    assert [await recorded.chat(request) for request in REQUESTS] == responses
    assert recorded.identity == talkative().identity


async def test_an_unknown_request_is_an_error_that_shows_it(tmp_path: Path) -> None:
    await record(tmp_path / "tape.jsonl", talkative())
    recorded = Recorded(tmp_path / "tape.jsonl")
    for request in (ask("two"), ask("one", max_tokens=17), ask("one", sample=1)):
        with pytest.raises(NotRecorded, match=request.messages[0].content):
            await recorded.chat(request)


async def test_a_failed_chat_leaves_no_line(tmp_path: Path) -> None:
    recorder = Recorder(Scripted(lambda request: ServerFault("no")), tmp_path / "tape.jsonl")
    with pytest.raises(ServerFault):
        await recorder.chat(ask())
    await recorder.aclose()
    assert (tmp_path / "tape.jsonl").read_bytes() == b""


async def test_a_tape_with_several_models_must_be_told_which(tmp_path: Path) -> None:
    path = tmp_path / "tape.jsonl"
    for name in ("one", "two"):
        await record(path, Scripted(lambda request, name=name: name, name))
    with pytest.raises(ConfigError, match="one, two"):
        Recorded(path)
    with pytest.raises(ConfigError, match="one, two"):
        Recorded(path, "three")
    assert (await Recorded(path, "two").chat(REQUESTS[0])).completions[0].text == "two"


@pytest.mark.parametrize(
    ("content", "message"), [("", "no model"), ("\n", "line 1"), ('{"identity": "x"}\n', "line 1")]
)
def test_a_file_that_is_no_recording_is_refused(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "tape.jsonl").write_text(content)
    with pytest.raises(ConfigError, match=message):
        Recorded(tmp_path / "tape.jsonl")


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        Recorded(tmp_path / "absent")
    with pytest.raises(ConfigError, match="cannot be written"):
        Recorder(talkative(), tmp_path)
