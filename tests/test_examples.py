"""The examples do what they say."""

import runpy
from pathlib import Path

import redraft
from redraft.models.scripted import Scripted
from tests.graphs.script import lines

EXAMPLES = Path(__file__).parent.parent / "examples"


async def test_a_method_of_ones_own_is_a_few_lines_over_the_shared_parts(tmp_path: Path) -> None:
    example = runpy.run_path(str(EXAMPLES / "own_method.py"))
    (tmp_path / "shorten.jinja").write_text(example["PROMPT"])
    task = redraft.TextTask(text="A notice.", draft="Please be so kind as to close the door.")
    flow = redraft.workflow(example["SHORTEN"], lines("Close the door.", "B", "A"), prompts=tmp_path)
    result = await flow.arun(task)
    assert (result.final.text, result.stop, result.usage.calls) == (
        "Close the door.",
        redraft.StopReason.ACCEPTED,
        3,
    )


async def test_embedding_streams_steps_and_ends_with_the_result() -> None:
    task = redraft.QuestionTask(question="Why?", draft="So.")
    flow = redraft.workflow("self-refine", lines("Hm.\nVerdict: needs work", "Because."), rounds=1)
    events = [event async for event in flow.astream(task)]
    assert [event.final.text for event in events] == ["So.", "So.", "Because.", "Because."]
    assert isinstance(events[-1], redraft.Result)


async def test_published_methods_in_a_row_and_a_graph_of_ones_own() -> None:
    example = runpy.run_path(str(EXAMPLES / "compose.py"))
    task = redraft.QuestionTask(question="What is six times seven?")
    model = lines("40", "1. What is 6 * 7?", "42", "41", "Off by one.\nVerdict: needs work", "42")
    result = await redraft.workflow(example["ROW"], model, **example["SETTINGS"]).arun(task)
    assert (result.final.text, result.usage.calls, list(result.stages)) == ("42", 6, ["cove", "self-refine"])
    model = lines("40", "Too low.", "41", "B", "A", "Still low.", "42", "A", "B")
    result = await redraft.workflow(example["CAREFUL"], model).arun(task)
    assert (result.final.text, result.stop, result.usage.calls) == ("41", redraft.StopReason.REJECTED, 1 + 4 * 2)


async def test_methods_are_compared_with_what_the_same_calls_bring(tmp_path: Path) -> None:
    example = runpy.run_path(str(EXAMPLES / "evaluate.py"))
    (tmp_path / "samples.jsonl").write_text(
        '{"id": "a", "task": {"kind": "question", "question": "What is 6 * 7?"}, "gold": {"answer": "42"}}\n'
    )
    model = Scripted(lambda request: "42\nVerdict: good" if "Verdict:" in request.messages[-1].content else "42")
    found = await example["main"](f"jsonl:{tmp_path / 'samples.jsonl'}", model, tmp_path / "comparison")
    calls = {label: float(outcomes.calls[0]) for label, outcomes in found.outcomes.items()}
    assert calls["refined"] == calls["self-consistency@2"] == 2
    assert all(outcomes.final.tolist() == [1] for outcomes in found.outcomes.values())
