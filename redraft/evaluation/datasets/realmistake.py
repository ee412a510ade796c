"""ReaLMistake: responses of GPT-4 and Llama 2 in which experts marked errors, to measure critics by.

The authors ask that no example be published in plain text: their files come in an archive with a password, and redraft
brings none. A row has `input`, `llm_response`, `label` (`error_label` on the Hugging Face hub) and why.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import AliasChoices, Field, JsonValue

from redraft.evaluation.datasets.dataset import Dataset
from redraft.evaluation.datasets.labels import by_label
from redraft.evaluation.datasets.rows import Row, read_rows
from redraft.evaluation.sample import Sample
from redraft.schema import TextTask


class Response(Row):
    """One line of `data/TASK/MODEL.jsonl`."""

    input: str
    llm_response: str
    label: Literal["error", "no_error"] = Field(validation_alias=AliasChoices("label", "error_label"))
    error_categories: tuple[str, ...] = ()
    human_explanation: str = ""
    metadata: dict[str, JsonValue] = Field(default_factory=dict)

    def sample(self, index: int) -> Sample:
        """The response is the draft."""
        return Sample(
            id=str(self.metadata.get("id") or f"realmistake/{index}"),
            task=TextTask(text=self.input, draft=self.llm_response),
            gold={
                "wrong": self.label == "error",
                "categories": list(self.error_categories),
                "explanation": self.human_explanation,
            },
        )


def _load(argument: str) -> list[Sample]:
    return read_rows(Path(argument), Response, lambda row, index: row.sample(index))


DATASET = Dataset(
    name="realmistake",
    argument="FILE.jsonl",
    task="text",
    about="responses with errors that experts marked, to measure critics (900 in all)",
    source="Kamoi et al., COLM 2024, arXiv 2404.03602",
    licence="CC BY-SA 4.0",
    load=_load,
    grader=by_label,
)
