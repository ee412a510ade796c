"""The page in a real browser: it opens from a file, asks for nothing, fits, can be read, filtered and not be broken."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from redraft.engine.records import Done
from redraft.evaluation.outcomes import Outcome
from redraft.evaluation.report.contents import gather
from redraft.evaluation.report.html import to_html
from redraft.schema import Draft, Finding, QuestionTask, Result, Revision, Span, StopReason, Verdict

from .conftest import Write, rows

pytestmark = pytest.mark.asyncio(loop_scope="module")

PLAIN = ["r", "w", "r", "w", "w", "u"] * 5
REFINED = ["rr", "wr", "rw", "ww", "wr", "ur"] * 5
HELPED = ["rr", "wr", "rr", "wr", "wr", "ur"] * 5
LINES = [
    *rows("first draft", *PLAIN),
    *rows("refine", *REFINED, calls=3),
    *rows("reflexion", *HELPED, calls=5, signal="oracle"),
]

Open = Callable[..., Awaitable[Any]]


@pytest_asyncio.fixture(loop_scope="module")
async def open_page(chromium: Any, tmp_path: Path) -> AsyncIterator[Open]:
    """Opens a report from a file. The test fails if the page asked for anything, or the console showed anything."""
    told: list[str] = []
    pages: list[Any] = []

    async def opened(html: str, width: int = 1280, scheme: str = "light") -> Any:
        path = tmp_path / "report.html"
        path.write_text(html, encoding="utf-8", newline="")
        page = await chromium.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
        pages.append(page)
        page.on("console", lambda message: told.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: told.append(f"error: {error}"))
        page.on("dialog", lambda dialog: told.append(f"dialog: {dialog.message}"))
        page.on("request", lambda request: told.append(request.url) if request.url != path.as_uri() else None)
        await page.goto(path.as_uri())
        return page

    yield opened
    for page in pages:
        await page.close()
    assert told == []


def html(folder: Path, **bounds: int) -> str:
    return to_html(gather([folder], resamples=200), "Sums", **bounds)


async def shown(page: Any) -> list[str]:
    return await page.locator("#list .id").all_text_contents()


# ---- it opens --------------------------------------------------------------------------------------------------


async def test_it_opens_from_a_file_and_shows_every_part(open_page: Open, write: Write) -> None:
    page = await open_page(html(write(LINES)))

    assert await page.title() == "Sums · redraft"
    assert await page.locator("h2").all_text_contents() == [
        "Results",
        "Cost and quality",
        "Tests",
        "First draft to final draft",
        "Items",
        "How this was made",
    ]
    assert await page.locator("svg.plot.wide circle").count() == 3
    assert len(await shown(page)) == 25


async def test_its_policy_lets_nothing_in_but_its_own_script_and_style(chromium: Any, write: Write) -> None:
    """Shown by trying: a script put into the page does not run, a style does not count, a picture is not asked for."""
    hole = "<script>document.title = 'taken'</script><img src='http://localhost:9/x'><p style='color: red' id='p'>"
    page = await chromium.new_page()
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text))
    await page.set_content(html(write(LINES)).replace("<main>", f"<main>{hole}"))
    assert await page.title() == "Sums · redraft"
    assert await page.evaluate("getComputedStyle(document.getElementById('p')).color") != "rgb(255, 0, 0)"
    assert len(await shown(page)) == 25
    assert len(refused) == 3
    assert all("Content Security Policy" in text for text in refused)
    await page.close()


# ---- it fits ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [375, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_nothing_overflows_and_text_has_contrast(
    open_page: Open, write: Write, width: int, scheme: str, tmp_path: Path
) -> None:
    lines = [*LINES, *rows("a-name-without-any-place-to-break-it" * 2, *REFINED, text="x" * 3000 + "{id}{round}")]
    page = await open_page(html(write(lines)), width, scheme)
    await page.select_option("#method", index=4)

    assert await page.evaluate("document.documentElement.scrollWidth") == width
    assert await page.evaluate(CONTRAST) == []


async def test_light_dark_and_phone_look_different(open_page: Open, write: Write) -> None:
    page = html(write(LINES))
    pictures = [await (await open_page(page, *how)).screenshot() for how in ((1280, "light"), (1280, "dark"), (375,))]
    assert len({*pictures}) == 3
    assert all(len(picture) > 10_000 for picture in pictures)


# WCAG 2: the contrast of every text with what is behind it, at least 4.5; SVG and what is switched off left out.
CONTRAST = """(() => {
  const rgb = (color) => color.match(/[\\d.]+/g).map(Number);
  const light = (color) => {
    const linear = (c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    const [r, g, b] = rgb(color).map((c) => linear(c / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const color = getComputedStyle(at).backgroundColor;
      if ((rgb(color)[3] ?? 1) === 1) return color;
    }
    return "rgb(255, 255, 255)";
  };
  const poor = [];
  for (const element of document.querySelectorAll("body *:not(svg *):not(script):not(:disabled)")) {
    if (![...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim())) continue;
    const [a, b] = [light(getComputedStyle(element).color), light(behind(element))].sort((x, y) => y - x);
    if ((a + 0.05) / (b + 0.05) < 4.5) poor.push(element.outerHTML.slice(0, 80));
  }
  return poor;
})()"""


# ---- it can be read without eyes or mouse ----------------------------------------------------------------------


async def test_tables_have_headers_and_controls_have_names(open_page: Open, write: Write) -> None:
    page = await open_page(html(write(LINES)))
    assert await page.locator("th:not([scope])").count() == 0
    assert await page.get_by_role("combobox", name="Method", exact=True).count() == 1
    assert await page.get_by_role("combobox", name="First to final", exact=True).count() == 1
    assert await page.get_by_role("searchbox", name="Text or id").count() == 1
    assert await page.get_by_role("img", name="Accuracy over tokens").count() == 1
    assert await page.get_by_role("region", name="Results").count() >= 1


async def test_an_item_opens_by_the_keyboard(open_page: Open, write: Write) -> None:
    page = await open_page(html(write(LINES)))
    second = page.locator("#list details").nth(1)
    assert await second.locator(".step").count() == 0
    await second.locator("summary").focus()
    await page.keyboard.press("Enter")
    await second.locator(".step").first.wait_for()


async def test_oracle_methods_stand_apart_with_a_label(open_page: Open, write: Write) -> None:
    page = await open_page(html(write(LINES)))
    honest, oracle = await page.locator(".results tbody").all_inner_texts()
    assert "refine" in honest
    assert "reflexion" not in honest
    assert "reflexion" in oracle
    assert "upper bound" in oracle
    assert await page.locator("svg.plot.wide .oracle circle").count() == 1


async def test_what_is_undefined_is_said_in_words(open_page: Open, write: Write) -> None:
    page = await open_page(html(write(rows("perfect", *["rr"] * 20))))
    assert "CS is undefined: no wrong first draft" in await page.locator("#results").inner_text()
    assert "There is one method" in await page.locator("#tests").inner_text()


# ---- its items are filtered ------------------------------------------------------------------------------------


async def test_filters_choose_the_items(open_page: Open, write: Write) -> None:
    page = await open_page(html(write(LINES)))
    assert await page.locator("#count").inner_text() == "1 to 25 of 90 items"

    await page.select_option("#method", label="refine")
    await page.select_option("#flip", label="right → wrong")
    assert await shown(page) == [f"item-{number}" for number in range(2, 30, 6)]

    await page.select_option("#flip", label="wrong → right")
    assert await shown(page) == [f"item-{number}" for number in range(30) if number % 6 in (1, 4)]

    await page.select_option("#flip", label="unparsed, first or final")
    assert await shown(page) == [f"item-{number}" for number in range(5, 30, 6)]

    await page.select_option("#flip", index=0)
    await page.fill("#query", "ITEM 16 in round 1")
    await page.get_by_text("1 to 1 of 1 items").wait_for()
    assert await shown(page) == ["item-16"]

    await page.fill("#query", "nowhere")
    await page.get_by_text("No item is like that.").wait_for()
    assert await shown(page) == []


async def test_a_number_of_the_matrix_shows_its_items(open_page: Open, write: Write) -> None:
    page = await open_page(html(write(LINES)))
    matrix = page.locator(".matrix", has_text="refine")
    await matrix.get_by_role("button", name="5 items, right to wrong").click()
    assert await page.locator("#count").inner_text() == "1 to 5 of 5 items"
    assert await shown(page) == [f"item-{number}" for number in range(2, 30, 6)]


async def test_pages_turn(open_page: Open, write: Write) -> None:
    page = await open_page(html(write(LINES)))
    await page.click("#next")
    assert await page.locator("#count").inner_text() == "26 to 50 of 90 items"
    assert await page.locator("#page").inner_text() == "page 2 of 4"
    await page.click("#previous")
    assert await page.locator("#previous").is_disabled()


# ---- an item shows how it came about ---------------------------------------------------------------------------


async def test_drafts_are_compared_errors_marked_and_verdicts_told(open_page: Open, write: Write) -> None:
    before, after = "The sum of 2 and 2 is 5.", "The sum of 2 and 2 is 4."
    texts = [(0, before, False), (1, after, True)]
    folder = write([Outcome(id="a", round=n, method="critic", output=t, verdict=v) for n, t, v in texts])
    revision = Revision(
        before=Draft(text=before, node="generator"),
        findings=(
            Finding(
                severity="major",
                category="arithmetic",
                quote="is 5",
                span=Span(start=19, end=23),
                explanation="It is 4.",
            ),
        ),
        after=Draft(text=after, node="refiner"),
        verdicts=(Verdict(verifier="arithmetic", signal="tool", score=1, passed=True, evidence="2 + 2 = 4"),),
        accepted=True,
    )
    result = Result(final=Draft(text=after, node="refiner"), stop=StopReason.ACCEPTED, revisions=(revision,))
    record = Done(id="a", line=1, task=QuestionTask(question="What is 2 + 2?"), result=result)
    (folder / "records").mkdir()
    (folder / "records" / "critic.jsonl").write_text(record.line_of_json(), encoding="utf-8")
    page = await open_page(html(folder))

    asked, first, second = await page.locator("#list .draft").all()
    assert await asked.inner_text() == "What is 2 + 2?"
    assert await first.locator("mark").all_text_contents() == ["is 5"]
    assert await second.locator("del").all_text_contents() == ["5"]
    assert await second.locator("ins").all_text_contents() == ["4"]
    assert "major, arithmetic is 5 It is 4." in await page.locator(".findings").inner_text()
    assert "arithmetic (tool): passed, score 1" in await page.locator(".verdicts").inner_text()
    assert "2 + 2 = 4" in await page.locator(".verdicts pre").inner_text()


# ---- and cannot be broken --------------------------------------------------------------------------------------

HOSTILE = [
    "</script><script>alert(1)</script>",
    "<!--<script>alert(2)//-->",
    "<img src=x onerror=alert(3)><svg onload=alert(4)>",
    "{{ 7 * 7 }}{% raw %} ${alert(5)} `",
    "\u202eright to left\u202c \u2066isolate",
    "before\0after\x1b[31m\u2028line",
    "'\"><bdi></bdi></td></table></main>",
]
SEEN = {"\0": "␀", "\x1b": "␛", **{c: f"⟨U+{ord(c):04X}⟩" for c in "\u202e\u202c\u2066\u2028"}}


def _seen(text: str) -> str:
    return "".join(SEEN.get(character, character) for character in text)


@pytest.mark.parametrize("hostile", HOSTILE)
async def test_hostile_text_is_shown_as_text_wherever_it_stands(open_page: Open, write: Write, hostile: str) -> None:
    lines = [
        Outcome(id=hostile, round=0, method=hostile, output="plain", verdict=False),
        Outcome(id=hostile, round=1, method=hostile, output=hostile, verdict=True),
    ]
    folder = write(lines)
    (folder / "comparison.json").write_text(json.dumps({hostile: [hostile, {hostile: hostile}]}), encoding="utf-8")
    page = await open_page(to_html(gather([folder], resamples=200), hostile))

    assert await page.locator("#list .draft").nth(1).locator("ins").text_content() == _seen(hostile).rstrip()
    assert await page.locator("#list .id").text_content() == _seen(hostile)
    assert await page.locator("h1").text_content() == _seen(hostile)
    assert await page.locator("dd").filter(has_text=_seen(hostile)[:5]).count() == 1
    assert await page.locator("script").count() == 2
    assert await page.locator("img").count() == 0


async def test_a_draft_of_a_megabyte_is_cut_and_says_so(open_page: Open, write: Write) -> None:
    long = "word " * 200_000
    text = html(write([Outcome(id="a", round=n, method="m", output=long + str(n), verdict=True) for n in (0, 1)]))
    assert len(text) < 200_000
    page = await open_page(text)
    assert await page.get_by_text("996,001 more characters are left out.").count() == 2


async def test_ten_thousand_items_stay_usable(open_page: Open, write: Write) -> None:
    lines = rows(
        "refine", *["ww", "wr", "rr", "rw"] * 2500, text="number {id} in {round}, " + "many words of a draft " * 100
    )
    text = html(write(lines))
    assert len(text) < 40_000_000
    page = await open_page(text)
    for query, found in (("number 501 in 1", "item-501"), ("item-9998", "item-9998")):
        await page.fill("#query", query)
        await page.locator("#list .id").get_by_text(found, exact=True).wait_for()
        assert await page.locator("#count").inner_text() == "1 to 1 of 1 items"
    assert "the texts of" in await page.locator("#items .notes").inner_text()


async def test_items_over_the_bound_are_counted_and_flips_come_first(open_page: Open, write: Write) -> None:
    page = await open_page(html(write(LINES), listed=25))
    assert await page.get_by_text("65 of 90 items are not listed at all.").count() == 1
    flips: Sequence[str] = await page.locator("#list .flip").all_text_contents()
    assert {*flips} == {"✗ wrong → ✓ right", "✓ right → ✗ wrong"}
