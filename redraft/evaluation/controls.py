"""What a method is compared with: the same calls spent without correcting anything.

- *Single*: one draft, greedy, or the draft that the task brings.
- *Self-consistency*, where every task is a question: k samples and a vote, k being the method's calls per item.
- *Best-of-N* elsewhere, and for questions too where the method heard a verifier: n samples, the best by the method's
  own signal. Where a model judges (by a rubric), each sample costs a call and a judge's, so n is half the calls.

**The rule.** Calls per item are the mean over the items of the method's own run, as measured, rounded to a whole number
(half up) and at least 1; each completion counts as a call (`lending.Lent`), while passes of reward models and metrics
and runs of programs count as none. The mean and not each item's own number: a budget that followed the method's choice
of where to spend would be a part of the method. A control's measured calls stand in the table beside the method's.

Samples are asked for as the method asks for its first draft: by the prompt `generate` or `solve`, whichever it uses
(`generate` where neither), by the model in its role `generator`, with its `max_tokens`. So nothing differs but what the
calls are spent on. Source of the comparison: Huang et al., ICLR 2024 (arXiv 2310.01798), section 4: debate beside
self-consistency with an equal number of responses.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal, TypeVar

from langgraph.graph import END, START
from pydantic import Field

from redraft.agents.agent import Agent
from redraft.agents.parsing import parse_text, visible
from redraft.agents.values import TASK_BLANKS
from redraft.evaluation.contender import Contender
from redraft.graphs import best_of_n, self_consistency
from redraft.graphs.graph import Graph
from redraft.graphs.method import Method, Roles, Settings
from redraft.graphs.sampling import candidate, sample, sampled
from redraft.graphs.state import State
from redraft.graphs.workflow import configure
from redraft.models.base import OutputConstraint, Sampling
from redraft.schema import Signal, Unparsed
from redraft.verifiers.open import find_kind

T = TypeVar("T")
FirstPrompt = Literal["generate", "solve"]
CONTROLS = ("single", "self-consistency", "best-of-n")
"""Their names; a label adds how many calls, as in `best-of-n@5`."""
SAMPLING = frozenset({"self-consistency", "best-of-n"})
"""Methods that are such a control themselves."""
EVIDENCE = {"code": "tests", "instruction": "constraints"}
"""What executes a draft of a kind of task, where the method names no verifier."""


@dataclass(frozen=True)
class Measured:
    """What a method spent: `calls` per item, and the strongest `signal` that decided."""

    calls: float
    signal: Signal


def controls(
    contender: Contender, measured: Measured, kinds: frozenset[str], settings: Mapping[str, Mapping[str, object]]
) -> tuple[list[Contender], list[str]]:
    """The controls of `contender` over tasks of `kinds`, and in words those that cannot be defined.

    `settings` are by the control's name (`single`, `self-consistency`, `best-of-n`). Raises ConfigError for one that
    is not there.
    """
    make = _Maker(contender, settings)
    made, notes = [make("single", "single", _single(make.prompt), {})], list[str]()
    calls = max(1, math.floor(measured.calls + 0.5))
    if contender.method.name in SAMPLING:
        notes.append(f"{contender.label} spends its calls on samples itself, so only a single draft stands beside it")
        return made, notes
    if measured.calls < 0.5:
        notes.append(f"{contender.label} made {measured.calls:.2f} calls per item: there is nothing to spend otherwise")
        return made, notes
    questions = kinds == {"question"}
    if questions:
        method = _asked(self_consistency.METHOD, make.prompt)
        made.append(make("self-consistency", f"self-consistency@{calls}", method, {"k": calls}))
    if not questions or measured.signal == "tool":
        verifier = _verifier(contender, measured.signal, kinds)
        if isinstance(verifier, _Undefined):
            notes.append(f"no best-of-N beside {contender.label}: {verifier.why}")
        else:
            n = max(1, math.floor(calls / (1 + _calls_of(verifier)) + 0.5))
            method = _asked(best_of_n.METHOD, make.prompt)
            made.append(make("best-of-n", f"best-of-n@{n}", method, {"n": n}, verifier))
    return made, notes


@dataclass(frozen=True)
class _Undefined:
    why: str


def _verifier(contender: Contender, signal: Signal, kinds: frozenset[str]) -> str | _Undefined | None:
    """What scores samples by the method's own signal; None is a model with a rubric."""
    named = contender.players.of("best-of-n", best_of_n.METHOD).get("verifier")
    if signal in ("oracle", "human"):
        return _Undefined(f"it decided by {'the gold answer' if signal == 'oracle' else 'a person'}")
    if signal == "self":
        return None
    given = {**contender.method.defaults, **contender.roles}
    own = named or next((who for role, who in given.items() if role.rpartition(".")[2] == "verifier"), None)
    own = own or (EVIDENCE.get(next(iter(kinds))) if len(kinds) == 1 else None)
    kind = find_kind(own) if own else None
    if own and kind and kind.judges == "draft" and kind.signal != "oracle" and (not kind.tasks or kinds <= kind.tasks):
        return own
    return _Undefined(
        "what it decided by cannot score a single draft of these tasks; name what can by --role best-of-n.verifier=KIND"
    )


def _calls_of(verifier: str | None) -> int:
    """Calls of a model for one judgement, at least."""
    kind = find_kind(verifier) if verifier else None
    if kind is None:
        return 1
    told = re.match(r"(\d+) (?:call|request)", kind.cost)
    return int(told[1]) if told else 0


class _Maker:
    """Makes controls that draft as `contender` does."""

    def __init__(self, contender: Contender, settings: Mapping[str, Mapping[str, object]]) -> None:
        self._contender = contender
        self._settings = settings
        asked = [prompt for prompt in contender.method.prompts if prompt in ("generate", "solve")]
        self.prompt: FirstPrompt = "solve" if asked[:1] == ["solve"] else "generate"
        tokens = _first_setting(contender.config, "max_tokens")
        self._shared = {} if tokens is None else {"max_tokens": tokens}
        roles = contender.roles
        stage = contender.method.name.partition("+")[0]
        generator = roles.get(f"{stage}.generator", roles.get("generator"))
        self._chosen = {"generator": generator} if generator else {}

    def __call__(
        self, name: str, label: str, method: Method[Any, Any], own: Mapping[str, object], verifier: str | None = None
    ) -> Contender:
        config = configure(method, {**self._shared, **self._settings.get(name, {}), **own})
        chosen = {**self._chosen, **({"verifier": verifier} if verifier else {})}
        return Contender(label, method, config, self._contender.players, chosen)


def _first_setting(config: Settings, name: str) -> object:
    """The setting of a method, or of the first stage of a row."""
    if name in type(config).model_fields:
        return getattr(config, name)
    stages = (value for value in dict(config).values() if isinstance(value, Settings))
    first = next(stages, None)
    return _first_setting(first, name) if first else None


# ---- the methods -----------------------------------------------------------------------------------------------


class _Asking(Roles):
    """Roles whose samples are asked for by the prompt `generate` in place of `solve`."""

    def agent(
        self,
        role: str,
        prompt: str,
        blanks: frozenset[str],
        parse: Callable[[str], T | Unparsed],
        sampling: Sampling,
        constraint: OutputConstraint | None = None,
    ) -> Agent[T]:
        return super().agent(role, "generate" if prompt == "solve" else prompt, blanks, parse, sampling, constraint)


def _asked(method: Method[Any, Any], prompt: FirstPrompt) -> Method[Any, Any]:
    if prompt == "solve":
        return method

    def build(roles: Roles, config: Any) -> Graph[Any]:
        return method.build(_Asking(roles.players, roles.prompts, roles.tracing, roles.owned), config)

    return replace(method, build=build, prompts=("generate", *(name for name in method.prompts if name != "solve")))


class Single(Settings):
    """Greedy decoding."""

    temperature: float = 0.0
    max_tokens: Annotated[int, Field(ge=1)] = 1024


def _single(prompt: FirstPrompt) -> Method[Single, State]:
    def build(roles: Roles, config: Single) -> Graph[State]:
        sampling = Sampling(temperature=config.temperature, max_tokens=config.max_tokens)
        parse = visible if prompt == "solve" else parse_text
        generator = roles.agent("generator", prompt, TASK_BLANKS | {"answer"}, parse, sampling)

        async def generate(state: State) -> State:
            if (given := state["task"].draft) is not None:
                return sampled([candidate(given, "input")])
            return sampled(await sample(state["task"], generator, 1))

        graph = Graph(State)
        graph.nodes(generate)
        graph.chain(START, "generate", END)
        return graph

    return Method(
        name="single",
        title="Single draft",
        paper="",
        roles={"generator": "drafts, once"},
        signal="self",
        cost="1 (none with a draft given)",
        chain="1",
        prompts=(prompt,),
        config=Single,
        build=build,
    )
