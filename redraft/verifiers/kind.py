"""What a kind of verifier is: the figures that tables, the command line and `open_verifier` go by.

Each verifier's file ends with its `KIND`; `catalogue` lists them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeVar
from urllib.parse import unquote

from pydantic import BaseModel, ConfigDict, ValidationError

from redraft.errors import ConfigError
from redraft.models.base import ChatModel
from redraft.schema import Signal
from redraft.verifiers.base import AnyVerifier


class Options(BaseModel):
    """What may follow the model in a verifier's string, as `MODEL?name=value&name=value`."""

    model_config = ConfigDict(frozen=True, extra="forbid")


Opt = TypeVar("Opt", bound=Options)


def read_options(argument: str, options: type[Opt]) -> tuple[str, Opt]:
    """The model that `argument` names, perhaps none, and what is said of it. Raises ConfigError naming the option."""
    model, _, query = argument.partition("?")
    pairs = (pair.partition("=") for pair in query.split("&") if pair)
    try:
        return model, options.model_validate({name: unquote(value) for name, _, value in pairs})
    except ValidationError as error:
        first = error.errors()[0]
        known = ", ".join(options.model_fields)
        raise ConfigError(f"{argument!r}: {first['loc'][0]}: {first['msg']}; options are {known}") from error


OpenModel = Callable[[str], ChatModel]
"""From a model's string to the model, wrapped as the run wants it (store, limit, budget)."""


@dataclass(frozen=True)
class Kind:
    """One kind of verifier, named by `NAME` or `NAME:ARGUMENT`.

    `argument` is what stands after the colon, in brackets where it may be left out, empty where there is none.
    `judges` says what it is given: one draft, a pair, or a group of drafts. `tasks` are the kinds of task it takes (all
    of them where empty). `cost` is what one judgement costs; `needs` what must be there; `source` the paper.
    `open` makes one from the argument, reading files but loading no model yet; it raises ConfigError.
    """

    name: str
    argument: str
    judges: Literal["draft", "pair", "group"]
    signal: Signal
    about: str
    needs: str
    cost: str
    source: str
    open: Callable[[str, OpenModel], AnyVerifier]
    tasks: frozenset[str] = frozenset()
    prompts: tuple[str, ...] = ()
    """The prompt files of a judge."""

    @property
    def form(self) -> str:
        """How it is written: `comet[:MODEL]`."""
        if self.argument.startswith("["):
            return f"{self.name}[:{self.argument[1:-1]}]"
        return f"{self.name}:{self.argument}" if self.argument else self.name

    def takes(self, argument: str | None) -> bool:
        """Whether the argument (None: not even a colon) is there where it must be, and not where it must not."""
        if argument is None:
            return not self.argument or self.argument.startswith("[")
        return bool(self.argument and argument)
