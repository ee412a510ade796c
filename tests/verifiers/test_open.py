"""One string names a verifier, as one string names a model."""

from pathlib import Path

import pytest

from redraft.errors import ConfigError
from redraft.models.scripted import Scripted
from redraft.schema import Constraint, Draft, InstructionTask
from redraft.verifiers.base import GroupVerifier, PairVerifier, Verifier
from redraft.verifiers.catalogue import KINDS
from redraft.verifiers.chrf import ChrF
from redraft.verifiers.comet import Comet
from redraft.verifiers.open import open_verifier


@pytest.mark.parametrize("kind", ["chrf", "chrf++"])
def test_chrf_with_its_references(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "references.jsonl"
    path.write_text('{"source": "a", "reference": "b"}\n', encoding="utf-8")
    verifier = open_verifier(f"{kind}:{path}")
    assert isinstance(verifier, ChrF)
    assert verifier.name == kind


@pytest.mark.parametrize(
    ("spec", "name"),
    [
        ("comet", "comet:Unbabel/wmt22-cometkiwi-da"),
        ("comet:Unbabel/wmt23-cometkiwi-da-xl", "comet:Unbabel/wmt23-cometkiwi-da-xl"),
        ("comet:models/kiwi/checkpoints/model.ckpt", "comet:models/kiwi/checkpoints/model.ckpt"),
    ],
)
def test_comet_with_or_without_a_model_starts_nothing_yet(spec: str, name: str) -> None:
    verifier = open_verifier(spec)
    assert isinstance(verifier, Comet)
    assert (verifier.name, verifier.pid) == (name, None)


@pytest.mark.parametrize("spec", ["local", "vllm:Qwen/Qwen2.5-7B-Instruct", "http://localhost:8000/v1", "cometary", ""])
def test_anything_else_may_be_a_model(spec: str) -> None:
    assert open_verifier(spec) is None


@pytest.mark.parametrize(
    ("spec", "form"),
    [
        ("chrf", "chrf:REFERENCES.jsonl"),
        ("chrf:", "chrf:REFERENCES.jsonl"),
        ("comet:", r"comet\[:MODEL\]"),
        ("person:ann", r"person \("),
    ],
)
def test_half_a_name_is_refused_with_the_form_it_has(spec: str, form: str) -> None:
    with pytest.raises(ConfigError, match=f"names no verifier; it is written {form}"):
        open_verifier(spec)


def test_references_that_are_not_there_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        open_verifier(f"chrf:{tmp_path / 'missing.jsonl'}")


JUDGES = [
    kind.name
    for kind in KINDS
    if kind.argument == "[MODEL]" and kind.signal == "self" and kind.judges in ("draft", "pair", "group")
]


@pytest.mark.parametrize("name", JUDGES)
async def test_a_judge_is_asked_as_the_options_behind_its_model_say(name: str) -> None:
    asked: list[str] = []
    model = Scripted(lambda request: "hm")

    def opened(spec: str) -> Scripted:
        asked.append(spec)
        return model

    verifier = open_verifier(f"{name}:http://localhost:8000/v1#tiny?guided=true&max_tokens=77", opened)
    task = InstructionTask(instruction="Say 4.", constraints=(Constraint(kind="k", text="Be brief."),))
    draft, other = Draft(text="4", node="test"), Draft(text="5", node="test")
    if isinstance(verifier, GroupVerifier):
        await verifier.agree(task, [draft, other])
    elif isinstance(verifier, PairVerifier):
        await verifier.prefer(task, draft, other)
    else:
        assert isinstance(verifier, Verifier)
        await verifier.score(task, draft)
    assert asked == ["http://localhost:8000/v1#tiny"]
    assert model.requests
    assert {request.sampling.max_tokens for request in model.requests} == {77}
    assert all(request.constraint is not None for request in model.requests)


@pytest.mark.parametrize(
    ("spec", "complaint"),
    [
        (
            "rubric:local?guide=true",
            "guide: Extra inputs are not permitted; options are guided",
        ),
        ("rubric:local?max_tokens=many", "max_tokens: Input should be a valid integer"),
        ("reward:?score=raw", "it names no model"),
    ],
)
def test_an_option_that_there_is_not_is_refused(spec: str, complaint: str) -> None:
    with pytest.raises(ConfigError, match=complaint):
        open_verifier(spec, lambda _: Scripted(lambda request: ""))
