"""The whole way with COMET itself: its environment is installed, and a tiny random model of its own class is scored."""

import asyncio
import json
import os
import signal
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from redraft.errors import ConfigError
from redraft.schema import Draft, Failure, TranslationTask, Verdict
from redraft.verifiers.by_score import ByScore
from redraft.verifiers.comet import Comet
from redraft.verifiers.comet_env import find_or_make

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

PAIRS = [
    {"src": "The cat sits on the mat.", "mt": "Die Katze sitzt auf der Matte."},
    {"src": "Hello!", "mt": "Hallo, wie geht es Ihnen heute, mein alter Freund?"},
    {"src": "He left without a word.", "mt": "Он ушёл, не сказав ни слова."},
    {"src": "A sentence that is far longer than the encoder can read. " * 20, "mt": "Ein langer Satz. " * 20},
    {"src": "Yes.", "mt": "Ja."},
]


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[float]]:
    """A checkpoint's folder, and the scores that the library gives to PAIRS in its own process."""
    folder = tmp_path_factory.mktemp("tiny-comet")
    script = Path(__file__).with_name("make_tiny_comet.py")
    command = [str(find_or_make()), "-I", str(script), str(folder)]
    made = subprocess.run(command, input=json.dumps(PAIRS), capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr
    return folder, json.loads(made.stdout)


@pytest.fixture
async def comet(library: tuple[Path, list[float]]) -> AsyncIterator[Comet]:
    comet = Comet(str(library[0]), batch_size=3)
    yield comet
    await comet.aclose()


def task(pair: dict[str, str]) -> TranslationTask:
    return TranslationTask(source=pair["src"], source_lang="en", target_lang="de")


def draft(pair: dict[str, str]) -> Draft:
    return Draft(text=pair["mt"], node="test")


async def scores(comet: Comet) -> list[float]:
    verdicts = await asyncio.gather(*(comet.score(task(pair), draft(pair)) for pair in PAIRS))
    assert all(isinstance(verdict, Verdict) for verdict in verdicts), verdicts
    return [verdict.score for verdict in verdicts if isinstance(verdict, Verdict)]


async def test_scores_are_the_library_s_own_in_order_and_the_same_again(
    comet: Comet, library: tuple[Path, list[float]]
) -> None:
    first, again = await scores(comet), await scores(comet)
    assert len(set(library[1])) == len(PAIRS), "a model that scores everything alike would prove nothing"
    assert first == pytest.approx(library[1], abs=1e-5)
    assert again == pytest.approx(first, abs=1e-5)


async def test_the_checkpoint_file_names_the_same_model(comet: Comet, library: tuple[Path, list[float]]) -> None:
    by_file = Comet(str(library[0] / "checkpoints" / "model.ckpt"))
    assert await scores(by_file) == pytest.approx(library[1], abs=1e-5)
    await by_file.aclose()


async def test_a_killed_worker_gives_failures_and_then_another_works(
    comet: Comet, library: tuple[Path, list[float]]
) -> None:
    await scores(comet)
    assert comet.pid is not None
    os.kill(comet.pid, signal.SIGKILL)
    lost = await comet.score(task(PAIRS[0]), draft(PAIRS[0]))
    assert lost == Failure(cause="worker_died", message="the COMET worker was ended by signal 9")
    assert await scores(comet) == pytest.approx(library[1], abs=1e-5)


async def test_text_that_the_tokenizer_cannot_read_costs_no_other_row(
    comet: Comet, library: tuple[Path, list[float]]
) -> None:
    broken, sound = await asyncio.gather(
        comet.score(task(PAIRS[0]), Draft(text="half a pair: \ud800", node="test")),
        comet.score(task(PAIRS[0]), draft(PAIRS[0])),
    )
    assert isinstance(broken, Failure)
    assert broken.cause == "not_scored"
    assert isinstance(sound, Verdict)
    assert sound.score == pytest.approx(library[1][0], abs=1e-5)


async def test_two_translations_are_compared_by_their_scores(comet: Comet, library: tuple[Path, list[float]]) -> None:
    before, after = PAIRS[0], PAIRS[0] | {"mt": PAIRS[1]["mt"]}
    old, new = [await comet.score(task(pair), draft(pair)) for pair in (before, after)]
    assert isinstance(old, Verdict)
    assert isinstance(new, Verdict)
    verdict = await ByScore(comet, threshold=0.0).prefer(task(before), draft(before), draft(after))
    assert isinstance(verdict, Verdict)
    assert verdict.score == (1.0 if new.score > old.score else 0.0)
    assert verdict.signal == "tool"


@pytest.mark.parametrize("model", ["nowhere/checkpoints/model.ckpt", "not-a-model"])
async def test_a_checkpoint_that_is_not_there_is_said_so(model: str) -> None:
    comet = Comet(model)
    with pytest.raises(ConfigError, match=f"there is no checkpoint {model}.*comet:PATH"):
        await comet.connect()
    await comet.aclose()


async def test_a_hub_that_cannot_be_reached_is_said_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    comet = Comet()
    with pytest.raises(ConfigError, match=r"comet:Unbabel/wmt22-cometkiwi-da cannot be loaded: .*comet:PATH"):
        await comet.connect()
    await comet.aclose()


async def test_a_model_that_needs_references_is_refused(library: tuple[Path, list[float]], tmp_path: Path) -> None:
    folder = tmp_path / "referenced"
    script = Path(__file__).with_name("make_tiny_comet.py")
    command = [str(find_or_make()), "-I", str(script), str(folder), "ref"]
    folder.mkdir()
    pairs = [pair | {"ref": pair["mt"]} for pair in PAIRS]
    made = subprocess.run(command, input=json.dumps(pairs), capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr
    comet = Comet(str(folder))
    with pytest.raises(ConfigError, match="needs references"):
        await comet.connect()
    await comet.aclose()
