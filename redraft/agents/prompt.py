"""Prompts: files beside the code, which a user may copy, edit and hand back without touching Python.

A file holds turns, each under a line `[system]`, `[user]` or `[assistant]`, written in Jinja. It is cut into turns
before anything is filled in, so no text of a model or a user can open a turn of its own; every value filled in has
the control tokens of chat templates broken (`defuse`), and `fence` keeps a text between bars that it cannot close.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import cast

from jinja2 import StrictUndefined, Template, TemplateError, meta
from jinja2.sandbox import ImmutableSandboxedEnvironment

from redraft.errors import ConfigError
from redraft.models.base import Message, Role

_TURN = re.compile(r"^\[(system|user|assistant)\][ \t]*$", re.MULTILINE)
_BARS = re.compile("`{3,}")
# Llama, ChatML, Phi, DeepSeek (with its wide bar), Gemma, GLM, Cohere; Qwen's tool calls; in brackets Mistral's.
_CONTROL = re.compile(
    r"<(?=[|｜]|/?(?:s|bos|eos|pad|unk|sop|eop|eod|BOS_TOKEN|EOS_TOKEN|(?:start|end)_of_(?:turn|image))>"
    r"|/?(?:think|tool_calls?|tool_response)>|</?SYS>>)"
    r"|\[(?=/?(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS|TOOL_CONTENT|TOOL_CALL|ARGS|CALL_ID"
    r"|THINK|MODEL_SETTINGS|gMASK|sMASK|BOS|EOS)\])"
)


def defuse(text: str) -> str:
    """Break what a tokenizer would take for the end of a turn, such as `<|im_end|>`, by a space after its bracket."""
    return _CONTROL.sub(lambda bracket: bracket[0] + " ", text)


def fence(text: str) -> str:
    """Put `text` between bars of backticks, longer than any run of backticks inside it."""
    longest = max(map(len, _BARS.findall(text)), default=2)
    bar = "`" * (longest + 1)
    return f"{bar}\n{text}\n{bar}"


def one_line(text: str) -> str:
    """Fold white space, for a short text inside a sentence."""
    return " ".join(text.split())


def _environment() -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: defuse(value) if isinstance(value, str) else value,
    )
    environment.filters["fence"] = fence
    environment.filters["one_line"] = one_line
    return environment


@dataclass(frozen=True)
class Prompt:
    """A chat prompt with blanks. `blanks` are the names it wants filled in."""

    name: str
    turns: tuple[tuple[Role, Template], ...]
    blanks: frozenset[str]

    @classmethod
    def parse(cls, name: str, text: str) -> Prompt:
        """Read a prompt file's text. Raises ConfigError where it is not one, saying why."""
        preamble, *pieces = _TURN.split(text)
        if preamble.strip() or not pieces:
            raise ConfigError(f"prompt {name}: the first line must be [system], [user] or [assistant]")
        environment = _environment()
        turns: list[tuple[Role, Template]] = []
        blanks: set[str] = set()
        for role, body in zip(pieces[::2], pieces[1::2], strict=True):
            try:
                blanks |= meta.find_undeclared_variables(environment.parse(body))
                turns.append((cast(Role, role), environment.from_string(body.strip())))
            except TemplateError as error:
                raise ConfigError(f"prompt {name}: in the [{role}] turn: {error}") from error
        return cls(name, tuple(turns), frozenset(blanks))

    def fill(self, values: Mapping[str, object]) -> tuple[Message, ...]:
        """The chat with every blank filled in; a turn that comes out empty is left out."""
        filled = ((role, template.render(values).strip()) for role, template in self.turns)
        return tuple(Message(role, content) for role, content in filled if content)


def shipped_text(name: str) -> str:
    """The text of the prompt file that redraft ships under `name`."""
    return (files("redraft.agents") / "prompts" / f"{name}.jinja").read_text(encoding="utf-8")


def text_of(name: str, folder: Path | None = None) -> str:
    """The text of the prompt `name`: from `folder` if it is there, as shipped otherwise.

    Raises ConfigError where the file cannot be read.
    """
    edited = _edited(name, folder)
    try:
        return edited.read_text(encoding="utf-8") if edited else shipped_text(name)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"prompt {edited}: cannot be read: {error}") from error


def load(name: str, blanks: frozenset[str], folder: Path | None = None) -> Prompt:
    """The prompt `name`, read as by `text_of`. Raises ConfigError where it asks for a blank that nobody fills."""
    prompt = Prompt.parse(str(_edited(name, folder) or name), text_of(name, folder))
    if unknown := sorted(prompt.blanks - blanks):
        raise ConfigError(
            f"prompt {prompt.name}: unknown blank {', '.join(unknown)}; there are {', '.join(sorted(blanks))}"
        )
    return prompt


def _edited(name: str, folder: Path | None) -> Path | None:
    path = folder / f"{name}.jinja" if folder else None
    return path if path and path.exists() else None
