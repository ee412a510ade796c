"""The whole house on real parts: real translations through the methods on the embedded model."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

import redraft
from redraft.engine.files import Files, run_files
from redraft.engine.reading import read_records
from redraft.engine.records import Bad, Done, Record
from redraft.engine.run import run_all
from redraft.models.base import ChatModel
from redraft.models.store import Stored
from redraft.schema import Draft

pytestmark = [pytest.mark.local, pytest.mark.asyncio(loop_scope="session")]

KINDS = frozenset({"translation"})
EXAMPLES = Path(__file__).parent.parent.parent / "examples" / "translations.jsonl"


async def run(flow: redraft.Workflow, path: Path, out: Path, limit: int) -> list[Record]:
    await run_files(partial(run_all, flow, window=2), Files(path, out, limit), {}, KINDS)
    return list(read_records(out))


def check(record: Record) -> None:
    """Every line is accounted for, and costs what the formula says: 1 + 3E, less what an unchanged edit saves."""
    assert not isinstance(record, Bad)
    assert not record.result.errors
    changed = [r for r in record.result.revisions if isinstance(r.after, Draft) and r.after.text != r.before.text]
    assert record.result.usage.calls == 1 + len(record.result.findings) + 2 * len(changed)
    assert record.result.signal == "self"


@pytest.mark.parametrize("guided", [pytest.param(False, marks=pytest.mark.slow), True])
async def test_mqm_ape_costs_one_and_three_calls_an_error_and_is_replayed_from_the_store_byte_for_byte(
    local_model: ChatModel, tmp_path: Path, guided: bool
) -> None:
    written = []
    for name, calls in (("one", True), ("two", False)):
        model = Stored(local_model, tmp_path / "store.sqlite")
        flow = redraft.workflow("mqm-ape", model, guided=guided, post_editor_tokens=64)
        records = await run(flow, EXAMPLES, tmp_path / name, limit=1)
        (record,) = records
        check(record)
        assert bool(model.misses) is calls
        written.append((tmp_path / name).read_bytes())
    assert written[0] == written[1]


@pytest.mark.slow
@pytest.mark.timeout(3600)
async def test_two_hundred_rows_are_each_accounted_for(local_model: ChatModel, data: Path, tmp_path: Path) -> None:
    path = data / "tear-mqm/wmt23.en-de.jsonl.gz"
    records = await run(redraft.workflow("mqm-ape", local_model), path, tmp_path / "out", limit=200)
    for record in records:
        check(record)
    assert [record.line for record in records] == list(range(1, 201))


@pytest.mark.parametrize(("method", "settings"), [("tear", {"verify": True}), ("self-refine", {"rounds": 1})])
async def test_the_other_methods_run_too(
    local_model: ChatModel, tmp_path: Path, method: str, settings: dict[str, object]
) -> None:
    flow = redraft.workflow(method, local_model, guided=True, max_tokens=96, **settings)
    (record,) = await run(flow, EXAMPLES, tmp_path / "out", limit=1)
    assert isinstance(record, Done)
    assert not record.result.errors
    assert record.result.usage.calls == sum(usage.calls for usage in record.result.usage_by_role.values()) >= 1


async def test_a_source_longer_than_the_models_context_is_an_error_record(local_model: ChatModel) -> None:
    task = redraft.TranslationTask(
        source="A long story. " * 7_200, source_lang="en", target_lang="de", draft="Eine lange Geschichte."
    )
    assert len(task.source) > 100_000
    result = await redraft.workflow("mqm-ape", local_model).arun(task)
    assert (result.stop, result.errors[0].cause) == (redraft.StopReason.FAILED, "prompt_too_long")
    assert result.final == Draft(text="Eine lange Geschichte.", node="input")
