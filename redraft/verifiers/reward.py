"""Reward models as verifiers: an outcome reward, a process reward, and a language model's P(True).

How weights are run and numbers read out of them is in `redraft.models.reward`. A reward model is a model trained to
judge, fixed before anything was drafted, and so a metric like COMET: its signal is `tool`. P(True) asks a language
model, perhaps the one that wrote the draft, what it thinks: its signal is `self`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Literal

from pydantic import Field

from redraft.agents.prompt import defuse, fence, one_line
from redraft.agents.values import ask
from redraft.errors import ConfigError
from redraft.models.errors import ModelError
from redraft.models.reward.base import Engine, Head, RewardModel
from redraft.models.reward.classifier import Classifier
from redraft.models.reward.open import open_engine
from redraft.models.reward.p_true import PTrue
from redraft.models.reward.step_tags import StepTags
from redraft.schema import Draft, Failure, Missing, Signal, Task, Verdict
from redraft.verifiers.kind import Kind, OpenModel, Options, read_options
from redraft.verifiers.steps import split_steps

Aggregate = Literal["product", "min", "mean", "last"]

AGGREGATES: dict[Aggregate, Callable[[Sequence[float]], float]] = {
    "product": math.prod,
    "min": min,
    "mean": lambda scores: math.fsum(scores) / len(scores),
    "last": lambda scores: scores[-1],
}
"""From the steps' numbers to the draft's. The product is MAgICoRe's (arXiv 2409.12147)."""


class Reward:
    """What `model` gives the draft as a whole. It passes from `threshold` on; without one, every draft that could be
    scored does. The draft goes to the model as `present` puts it, the control tokens of chat templates broken."""

    def __init__(
        self,
        model: RewardModel,
        *,
        kind: str = "reward",
        signal: Signal = "tool",
        threshold: float | None = None,
        present: Callable[[str], str] = str,
    ) -> None:
        self.name = f"{kind}:{model.name}"
        self.signal: Signal = signal
        self._model, self._threshold, self._present = model, threshold, present

    async def connect(self) -> None:
        """Load or reach the model. Raises a RedraftError that says what to do."""
        await self._model.connect()

    async def score(self, task: Task, draft: Draft) -> Verdict | Missing:
        """The model's number; Failure for an empty draft, one too long for the model, and where no number came."""
        if not draft.text.strip():
            return _EMPTY
        try:
            score = await self._model.outcome(defuse(ask(task)), self._present(defuse(draft.text)))
        except (ModelError, ConfigError) as error:
            return _failure(error)
        return Verdict(
            verifier=self.name,
            signal=self.signal,
            score=score,
            passed=self._threshold is None or score >= self._threshold,
            evidence=f"{score:.4f} by {self._model.identity}",
        )

    async def aclose(self) -> None:
        """Close the model."""
        await self._model.aclose()


class ProcessReward:
    """What `model` gives each step of the draft (`steps.split_steps`), and one number out of them (`aggregate`).

    The first wrong step is the first below `step_threshold`. A draft passes from `threshold` on; without one, if no
    step is wrong.
    """

    signal: Signal = "tool"

    def __init__(
        self,
        model: RewardModel,
        *,
        aggregate: Aggregate = "product",
        threshold: float | None = None,
        step_threshold: float = 0.5,
    ) -> None:
        self.name = f"process-reward:{model.name}"
        self._model, self._aggregate = model, aggregate
        self._threshold, self._step_threshold = threshold, step_threshold

    async def connect(self) -> None:
        """Load or reach the model. Raises a RedraftError that says what to do."""
        await self._model.connect()

    async def score(self, task: Task, draft: Draft) -> Verdict | Missing:
        """The number of every step, and of the draft; Failure as for `Reward`."""
        steps = split_steps(draft.text)
        if not steps:
            return _EMPTY
        try:
            scores = await self._model.steps(defuse(ask(task)), [defuse(step) for step in steps])
        except (ModelError, ConfigError) as error:
            return _failure(error)
        score = AGGREGATES[self._aggregate](scores)
        wrong = next((index for index, each in enumerate(scores) if each < self._step_threshold), None)
        evidence = [f"{self._aggregate} of {len(steps)} steps {score:.4f} by {self._model.identity}"]
        if wrong is not None:
            evidence.append(f"the first below {self._step_threshold:g} is step {wrong + 1}, with {scores[wrong]:.4f}:")
            evidence.append(one_line(steps[wrong])[:200])
        return Verdict(
            verifier=self.name,
            signal=self.signal,
            score=score,
            passed=wrong is None if self._threshold is None else score >= self._threshold,
            evidence="\n".join(evidence),
            steps=scores,
            first_error=wrong,
        )

    async def aclose(self) -> None:
        """Close the model."""
        await self._model.aclose()


_EMPTY = Failure(cause="empty_draft", message="a reward of an empty draft means nothing")


def _failure(error: ModelError | ConfigError) -> Failure:
    return Failure(cause=error.cause if isinstance(error, ModelError) else "not_usable", message=str(error))


# ---- from the string that names one ------------------------------------------------------------------------------


class _Options(Options):
    threshold: float | None = None
    chat: bool | None = None
    dtype: str | None = None
    batch_size: int = Field(default=8, ge=1)


class _Outcome(_Options):
    score: Literal["sigmoid", "raw"] = "sigmoid"


class _Process(_Options):
    by: Literal["tags", "prefixes"] = "tags"
    tag: str = Field(default=StepTags.tag, min_length=1)
    good: str = StepTags.good
    bad: str = StepTags.bad
    numbered: bool = StepTags.numbered
    aggregate: Aggregate = "product"
    step_threshold: float = 0.5


class _True(_Options):
    true: str = PTrue.true
    false: str = PTrue.false
    floor: float = PTrue.floor


def _engine(model: str, head: Head, options: _Options) -> Engine:
    if not model:
        raise ConfigError("it names no model: the weights, or the server that runs them, stand before any option")
    return open_engine(model, head, chat=options.chat, dtype=options.dtype, batch_size=options.batch_size)


def _open_reward(argument: str, _: OpenModel) -> Reward:
    model, options = read_options(argument, _Outcome)
    reward = Classifier(_engine(model, "classifier", options), raw=options.score == "raw")
    return Reward(reward, threshold=options.threshold)


def _open_process(argument: str, _: OpenModel) -> ProcessReward:
    model, options = read_options(argument, _Process)
    reward: RewardModel
    if options.by == "prefixes":
        reward = Classifier(_engine(model, "classifier", options))
    else:
        engine = _engine(model, "causal", options)
        reward = StepTags(engine, options.tag, options.good, options.bad, options.numbered)
    return ProcessReward(
        reward,
        aggregate=options.aggregate,
        threshold=options.threshold,
        step_threshold=options.step_threshold,
    )


def _open_p_true(argument: str, _: OpenModel) -> Reward:
    model, options = read_options(argument, _True)
    reward = PTrue(_engine(model, "causal", options), true=options.true, false=options.false, floor=options.floor)
    return Reward(reward, kind="p-true", signal="self", threshold=options.threshold, present=fence)


_NEEDS = "the weights (a folder or a hub id) and redraft[transformers]; or vLLM serving them (http://HOST:PORT/v1#NAME)"

KINDS = (
    Kind(
        name="reward",
        argument="MODEL",
        judges="draft",
        signal="tool",
        about="outcome reward of a sequence classifier",
        needs=_NEEDS,
        cost="one pass over task and draft, in batches",
        source="Chen et al., MAgICoRe (arXiv 2409.12147)",
        open=_open_reward,
    ),
    Kind(
        name="process-reward",
        argument="MODEL",
        judges="draft",
        signal="tool",
        about="reward of every step: math-shepherd's tags, or a classifier's score of every prefix (?by=prefixes)",
        needs=_NEEDS,
        cost="one pass over task and draft; as many as steps with prefixes, or on a server, where they share a cache",
        source="Wang et al., Math-Shepherd (arXiv 2312.08935); Havrilla et al., GLoRe (arXiv 2402.10963)",
        open=_open_process,
    ),
    Kind(
        name="p-true",
        argument="MODEL",
        judges="draft",
        signal="self",
        about="how probable a language model finds the word True against False, asked whether the draft is right",
        needs=_NEEDS,
        cost="one pass over task and draft, in batches",
        source="Tian et al., AlphaLLM (arXiv 2404.12253)",
        open=_open_p_true,
    ),
)
