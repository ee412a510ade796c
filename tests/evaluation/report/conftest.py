"""Comparisons to report on, and a real browser to look at the report with."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

import pytest
import pytest_asyncio

from redraft.evaluation.outcomes import Outcome
from redraft.schema import Signal, Usage

VERDICTS = {"r": True, "w": False, "u": None}
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")


def rows(
    method: str, *items: str, signal: Signal = "self", calls: int = 1, text: str = "Item {id} in round {round}."
) -> list[Outcome]:
    """Lines of outcomes; each of `items` is a word with a letter a round: r(ight), w(rong), u(nparsed)."""
    return [
        Outcome(
            id=f"item-{place}",
            round=number,
            method=method,
            signal=signal,
            verdict=VERDICTS[letter],
            output=None if letter == "u" else text.format(id=place, round=number),
            usage=Usage(calls=calls, prompt_tokens=100 * calls, completion_tokens=20 * calls, seconds=calls / 2),
        )
        for place, letters in enumerate(items)
        for number, letter in enumerate(letters)
    ]


Write = Callable[[Sequence[Outcome]], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes lines of outcomes into a folder of a comparison, and tells where it is."""

    def written(lines: Sequence[Outcome]) -> Path:
        path = tmp_path / "comparison"
        path.mkdir(exist_ok=True)
        (path / "outcomes.jsonl").write_text("\n".join(line.model_dump_json() for line in lines), encoding="utf-8")
        return path

    return written


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def chromium() -> AsyncIterator[object]:
    """A headless Chromium, for the tests of one file."""
    program = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if program is None:
        pytest.skip("there is no Chromium: apt-get install chromium")
    playwright = pytest.importorskip("playwright.async_api", reason="playwright is not installed: --group dev")
    async with playwright.async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=program)
        yield browser
        await browser.close()
