"""Entailment by a classifier, on a tiny one with random weights: the numbers are transformers' own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from redraft.errors import ConfigError
from redraft.schema import Agreement, Draft, Failure, QuestionTask
from redraft.verifiers.nli import NliModel
from redraft.verifiers.open import open_verifier

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

TASK = QuestionTask(question="who ?")
PAIRS = [("a cat", "a dog"), ("a dog", "a cat"), ("it is a cat", "cat"), ("cat", "a a a a a dog")]
LABELS = {0: "CONTRADICTION", 1: "NEUTRAL", 2: "ENTAILMENT"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A BERT of two layers with MNLI's labels, in another order than ours."""
    path = tmp_path_factory.mktemp("nli")
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "cat", "dog", "it", "is", "who", "?"]
    (path / "vocab.txt").write_text("\n".join(words))
    torch.manual_seed(3)
    config = transformers.BertConfig(
        vocab_size=len(words),
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=16,
        max_position_embeddings=32,
        initializer_range=1.0,
        id2label=LABELS,
        label2id={label: number for number, label in LABELS.items()},
    )
    transformers.BertForSequenceClassification(config).save_pretrained(path)
    transformers.BertTokenizer(str(path / "vocab.txt")).save_pretrained(path)
    return path


def expected(folder: Path, first: str, second: str) -> list[float]:
    """Probabilities of contradiction, neutral, entailment, one pair at a time."""
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    model = transformers.AutoModelForSequenceClassification.from_pretrained(folder).eval()
    with torch.inference_mode():
        logits: list[float] = (
            model(**tokenizer(first, second, return_tensors="pt")).logits[0].double().softmax(-1).tolist()
        )
    return logits


async def test_support_is_the_probability_of_entailment_whatever_the_batch(folder: Path) -> None:
    numbers = [expected(folder, *pair)[2] for pair in PAIRS]
    assert len({round(number, 3) for number in numbers}) > 2
    for batch_size in (1, 3, 32):
        assert await NliModel(str(folder), batch_size=batch_size).supports(TASK, PAIRS) == pytest.approx(
            numbers, abs=1e-5
        )


async def test_the_relation_is_the_likeliest_label_of_both_texts_behind_the_question(folder: Path) -> None:
    rows = [expected(folder, f"who ? {first}", f"who ? {second}") for first, second in PAIRS]
    names = [LABELS[row.index(max(row))].lower() for row in rows]
    assert await NliModel(str(folder)).relations(TASK, PAIRS) == names


async def test_a_pair_too_long_is_said_and_not_cut(folder: Path) -> None:
    found = await NliModel(str(folder)).supports(TASK, [("cat " * 40, "dog"), PAIRS[0]])
    assert isinstance(found[0], Failure)
    assert found[0].cause == "too_long"
    assert found[1] == pytest.approx(expected(folder, *PAIRS[0])[2], abs=1e-5)


async def test_semantic_entropy_takes_it_by_name(folder: Path) -> None:
    verifier = open_verifier(f"semantic-entropy:nli:{folder}")
    assert verifier is not None
    agreement = await verifier.agree(TASK, [Draft(text=text, node="n") for text in ("a cat", "a dog", "a cat")])
    assert isinstance(agreement, Agreement)
    assert agreement.clusters[0] == agreement.clusters[2]
    await verifier.aclose()


async def test_a_classifier_of_other_things_is_refused(folder: Path, tmp_path: Path) -> None:
    for file in folder.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    config = json.loads((tmp_path / "config.json").read_text())
    config |= {"id2label": {"0": "good", "1": "fair", "2": "bad"}, "label2id": {"good": 0, "fair": 1, "bad": 2}}
    (tmp_path / "config.json").write_text(json.dumps(config))
    with pytest.raises(ConfigError, match="its labels are good, fair, bad"):
        await NliModel(str(tmp_path)).connect()


async def test_a_folder_without_a_model_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot load"):
        await NliModel(str(tmp_path)).connect()
