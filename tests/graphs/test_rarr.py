"""RARR, branch by branch, with a model that speaks from a script over a folder that is searched for real."""

import re
from collections.abc import Sequence
from pathlib import Path

import pytest

import redraft
from redraft import ConfigError, Failure, QuestionTask, Result, StopReason, Verdict
from redraft.graphs.rarr import METHOD, over
from redraft.models.base import ChatRequest
from redraft.models.budget import Budget
from redraft.models.errors import BadRequest
from redraft.models.scripted import Reply, Scripted
from redraft.tools.retrieval.base import Passage
from tests.graphs.script import lines, prompts, silent, total

pytest.importorskip("bm25s", reason="redraft[retrieval] is not installed")
pytest.importorskip("rapidfuzz", reason="redraft[retrieval] is not installed")

DRAFT = "Ada was born in Paris in 1815."
EDITED = "Ada was born in London in 1815."
WHERE, WHEN = "1. Where was Ada born?", "1. In what year was the light seen?"
YES, NO, BESIDE = "agrees", "disagrees", "irrelevant"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "birth.txt").write_text("A heading\n\nAda was born in London.")
    (tmp_path / "light.txt").write_text("It was the year 1815 that she saw light.")
    return tmp_path


def gate(*words: Reply) -> Scripted:
    left = iter(words)

    def reply(request: ChatRequest) -> Reply:
        word = next(left)
        code = re.search(r"^Verdict (\d+):", request.messages[-1].content, re.MULTILINE)
        assert code
        return f"So it says.\nVerdict {code[1]}: {word}" if word in (YES, NO, BESIDE) else word

    return Scripted(reply)


async def rarr(
    where: Path | redraft.graphs.method.Method,
    drafts: Sequence[Reply],
    asked: Sequence[Reply],
    rulings: Sequence[Reply],
    edits: Sequence[Reply] = (),
    *,
    draft: str | None = None,
    **more: object,
) -> tuple[Result, dict[str, Scripted]]:
    roles = {
        "generator": lines(*drafts),
        "questioner": lines(*asked),
        "gate": gate(*rulings),
        "editor": lines(*edits),
    }
    method, settings = ("rarr", {"folder": where, **more}) if isinstance(where, Path) else (where, more)
    task = QuestionTask(question="When and where was Ada born?", draft=draft)
    async with redraft.workflow(method, silent(), roles=roles, **settings) as flow:
        return await flow.arun(task), roles


async def test_what_a_source_contradicts_is_edited_and_what_agrees_is_not(folder: Path) -> None:
    asked = [WHERE, WHEN, f"{WHERE}\n2. When did Ada see light?"]
    result, roles = await rarr(folder, [DRAFT], asked, [NO, YES, BESIDE], [EDITED])
    assert (result.final.text, result.stop, result.signal) == (EDITED, StopReason.COMPLETED, "tool")
    assert result.usage.calls == total(roles.values()) == 2 + 3 + 1
    assert result.scores == {"questions": 3.0, "evidence": 3.0}
    (revision,) = result.revisions
    assert (revision.accepted, revision.feedback) == (True, "A heading\n\nAda was born in London.")
    assert "[birth.txt:1]" in revision.findings[0].explanation


async def test_questions_are_sampled_in_one_request_at_their_own_temperature(folder: Path) -> None:
    _, roles = await rarr(folder, [DRAFT], [WHERE] * 3, [YES])
    (request,) = roles["questioner"].requests
    assert (request.sampling.n, request.sampling.temperature) == (3, 0.7)
    assert roles["gate"].requests[0].sampling.temperature == 0.0


async def test_each_passage_meets_the_claim_as_it_stands(folder: Path) -> None:
    _, roles = await rarr(folder, [DRAFT], [WHERE, WHEN, WHEN], [NO, YES], [EDITED])
    first, second = prompts(roles["gate"])
    assert ("in Paris" in first, "in London in 1815" in second) == (True, True)
    assert ("Ada was born in London." in first, "the year 1815" in second) == (True, True)


async def test_every_passage_weighed_is_told_with_its_place(folder: Path) -> None:
    result, _ = await rarr(folder, [DRAFT], [WHERE, WHEN, WHEN], [YES, BESIDE])
    told = [verdict.evidence for verdict in result.verdicts if isinstance(verdict, Verdict)]
    assert told == [
        "agrees: Where was Ada born? [birth.txt:1] So it says.",
        "irrelevant: In what year was the light seen? [light.txt:1] So it says.",
    ]
    assert result.stop == StopReason.NO_FINDINGS


async def test_an_edit_that_changes_too_much_is_undone(folder: Path) -> None:
    within, _ = await rarr(folder, [DRAFT], [WHERE] * 3, [NO], [EDITED], max_edit_ratio=0.2)
    beyond, _ = await rarr(folder, [DRAFT], [WHERE] * 3, [NO], [EDITED], max_edit_ratio=0.1)
    assert (within.final.text, within.stop) == (EDITED, StopReason.COMPLETED)
    assert (beyond.final.text, beyond.stop) == (DRAFT, StopReason.REJECTED)
    assert beyond.revisions[0].verdicts[0].evidence == "edit ratio 0.200, at most 0.1"


async def test_a_question_is_researched_once_and_no_more_than_allowed(folder: Path) -> None:
    many = "\n".join(f"{n}. Was Ada born in {n}?" for n in range(1, 9))
    result, _ = await rarr(folder, [DRAFT], [many, many.upper(), WHERE], [YES] * 4, questions=4)
    assert result.scores["questions"] == 4.0


class TestWhatIsMissing:
    async def test_keeps_the_gate_closed_and_is_counted(self, folder: Path) -> None:
        result, roles = await rarr(folder, [DRAFT], [WHERE, WHEN, WHEN], ["It does disagree.", BadRequest("gone")])
        assert (result.final.text, result.stop) == (DRAFT, StopReason.UNPARSED)
        assert (len(result.unparsed), len(result.errors), roles["editor"].requests) == (1, 1, [])

    async def test_does_not_hold_up_the_passages_after_it(self, folder: Path) -> None:
        result, _ = await rarr(folder, [DRAFT], [WHEN, WHERE, WHERE], ["Well.", NO], [EDITED])
        assert (result.final.text, result.stop) == (EDITED, StopReason.COMPLETED)

    async def test_among_the_rounds_leaves_the_other_rounds(self, folder: Path) -> None:
        result, _ = await rarr(folder, [DRAFT], ["No idea.", WHERE, "None."], [YES])
        assert (result.scores["questions"], len(result.unparsed)) == (1.0, 2)

    async def test_among_the_edits_leaves_the_claim_for_the_next_passage(self, folder: Path) -> None:
        result, _ = await rarr(folder, [DRAFT], [WHEN, WHERE, WHERE], [NO, NO], [BadRequest("gone"), EDITED])
        assert (result.final.text, [revision.accepted for revision in result.revisions]) == (EDITED, [False, True])

    @pytest.mark.parametrize(
        ("replies", "stop", "final"),
        [
            (([BadRequest("gone")], [], []), StopReason.FAILED, None),
            (([DRAFT], ["What?"] * 3, []), StopReason.UNPARSED, DRAFT),
            (([DRAFT], [BadRequest("gone")], []), StopReason.FAILED, DRAFT),
            (([DRAFT], ["1. Zebras?"] * 3, []), StopReason.NO_FINDINGS, DRAFT),
            (([DRAFT], [WHERE] * 3, [NO], [DRAFT]), StopReason.UNCHANGED, DRAFT),
            (([DRAFT], [WHERE] * 3, [NO], ["<think>hm"]), StopReason.UNPARSED, DRAFT),
        ],
    )
    async def test_keeps_the_best_draft(
        self, folder: Path, replies: tuple[Sequence[Reply], ...], stop: StopReason, final: str | None
    ) -> None:
        result, _ = await rarr(folder, *replies)
        assert (result.final.text if result.final else None, result.stop) == (final, stop)

    @pytest.mark.parametrize("calls", [2, 3, 4])
    async def test_is_the_budget_and_ends_it(self, folder: Path, calls: int) -> None:
        replies = [DRAFT], [WHERE, WHEN, WHEN], [NO, NO], [EDITED, EDITED]
        result, roles = await rarr(folder, *replies, budget=Budget(max_calls=calls))
        assert (result.stop, total(roles.values())) == (StopReason.BUDGET, calls)
        assert result.final.text == (EDITED if calls == 4 else DRAFT)


async def test_a_given_draft_is_not_written_again(folder: Path) -> None:
    result, roles = await rarr(folder, [], [WHERE] * 3, [YES], draft=DRAFT)
    assert (result.drafts[0].node, total(roles.values())) == ("input", 2)


class TestARetriever:
    def test_is_a_folder_that_is_read_when_the_workflow_is_built(self, tmp_path: Path) -> None:
        with pytest.raises(ConfigError, match="set folder to a folder of text files"):
            redraft.workflow("rarr", silent())
        with pytest.raises(ConfigError, match=r"no folder .*nowhere"):
            redraft.workflow("rarr", silent(), folder=tmp_path / "nowhere")
        with pytest.raises(ConfigError, match="holds no text"):
            redraft.workflow("rarr", silent(), folder=tmp_path)

    def test_reads_no_more_of_a_folder_than_allowed_and_says_what_it_left_out(
        self, folder: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        assert redraft.workflow("rarr", silent(), folder=folder, max_folder=50)
        assert "1 left out: light.txt (the folder's limit is used up)" in caplog.text

    async def test_of_ones_own_is_used_and_closed(self) -> None:
        mine = Mine()
        result, roles = await rarr(over(mine), [DRAFT], [WHERE, WHEN, WHEN], [NO], [EDITED])
        assert (result.final.text, mine.closed) == (EDITED, True)
        assert "Born in London, they say." in prompts(roles["gate"])[0]
        assert {error.cause for error in result.errors} == {"offline"}
        assert METHOD.config().folder is None

    async def test_that_finds_nothing_because_it_failed_says_so(self) -> None:
        result, _ = await rarr(over(Mine()), [DRAFT], [WHEN] * 3, [])
        assert (result.final.text, result.stop) == (DRAFT, StopReason.FAILED)


class Mine:
    """Knows where, and fails at everything else."""

    name = "mine"
    closed = False

    async def search(self, query: str, k: int) -> Sequence[Passage] | Failure:
        if "Where" not in query:
            return Failure(cause="offline", message="nobody there")
        return [Passage("Born in London, they say.", "they", 0, 1, 1.0)] * (k + 1)

    async def aclose(self) -> None:
        self.closed = True
