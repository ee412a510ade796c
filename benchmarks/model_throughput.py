"""How much faster many requests at once are than one: the embedded model in llama.cpp and in vLLM.

    python benchmarks/model_throughput.py [--backend local --backend vllm] [--in-flight 1 8 32 64] [-o FILE]

Every request is some 340 tokens of prompt, of which all but the last few are shared, and at most 64 tokens of reply.
Each level sends two waves of requests (at least four), so a run ends: about five minutes on two idle cores. Rates
depend on the machine; the ratios to one request in flight are what to look at.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from redraft.models.base import ChatModel, ChatRequest, Message, Sampling
from redraft.models.local import LocalModel
from redraft.models.vllm import VllmModel

RULES = (
    "You annotate translations. Mark every error with its severity, its category and the words that are wrong. ",
    "Critical errors change what the text says; major errors disturb the reader; minor ones are blemishes. ",
    "The categories are accuracy, fluency, terminology, style and locale. Work through the text from its beginning. ",
    "Do not mark the same words twice, and do not mark what is merely a matter of taste. ",
    "A translation without errors gets no mark at all: say so, and stop there. ",
)
REPLY_TOKENS = 64


@dataclass(frozen=True)
class Level:
    """One measurement. `ratio` is to the same backend's first level."""

    backend: str
    in_flight: int
    requests: int
    prompt_tokens: int
    completion_tokens: int
    seconds: float
    tokens_per_second: float
    ratio: float


def request(number: int) -> ChatRequest:
    """The `number`-th request: the shared rules, then a text of its own."""
    text = f"Number {number}: describe, in several long sentences, what is wrong with translation {number * 7919}."
    return ChatRequest(
        (Message("system", "".join(RULES) * 3), Message("user", text)), Sampling(max_tokens=REPLY_TOKENS)
    )


async def measure(backend: str, model: ChatModel, in_flight: int, first: Level | None) -> Level:
    """Keep `in_flight` requests going until all are answered."""
    count = max(4, 2 * in_flight)
    window = asyncio.Semaphore(in_flight)

    async def ask(number: int) -> tuple[int, int]:
        async with window:
            usage = (await model.chat(request(number))).usage
        return usage.prompt_tokens, usage.completion_tokens

    await ask(10**6 + in_flight)  # Load, and bring the shared part into the prefix cache.
    start = time.perf_counter()
    tokens = await asyncio.gather(*(ask(1000 * in_flight + number) for number in range(count)))
    seconds = time.perf_counter() - start
    prompt, completion = map(sum, zip(*tokens, strict=True))
    rate = completion / seconds
    ratio = rate / first.tokens_per_second if first else 1.0
    return Level(backend, in_flight, count, prompt, completion, round(seconds, 2), round(rate, 1), round(ratio, 2))


async def run(backends: list[str], levels: list[int]) -> list[Level]:
    """Measure one backend after the other."""
    make: dict[str, Callable[[], ChatModel]] = {
        "local": lambda: LocalModel(slots=max(levels), context=512),
        "vllm": lambda: VllmModel("embedded"),
    }
    console = Console(stderr=True)
    measured: list[Level] = []
    for backend in backends:
        model = make[backend]()
        try:
            first: Level | None = None
            for in_flight in levels:
                level = await measure(backend, model, in_flight, first)
                first = first or level
                measured.append(level)
                console.print(
                    f"{backend}: {in_flight} in flight: {level.tokens_per_second} tokens/s in {level.seconds} s"
                )
        finally:
            await model.aclose()
    return measured


def table(measured: list[Level]) -> Table:
    """Backends down, requests in flight across."""
    levels = sorted({level.in_flight for level in measured})
    shown = Table("tokens/s (ratio to the first)", *(f"{in_flight} in flight" for in_flight in levels))
    for backend in dict.fromkeys(level.backend for level in measured):
        row = {level.in_flight: level for level in measured if level.backend == backend}
        shown.add_row(backend, *(f"{row[each].tokens_per_second} ({row[each].ratio})" for each in levels))
    return shown


def main() -> None:
    """Measure, print a table, write one JSON object a line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--backend", action="append", choices=["local", "vllm"], help="default: both")
    parser.add_argument("--in-flight", type=int, nargs="+", default=[1, 8, 32, 64], metavar="N")
    parser.add_argument("-o", "--out", type=Path, default=Path("out-throughput.jsonl"), metavar="FILE")
    chosen = parser.parse_args()
    measured = asyncio.run(run(chosen.backend or ["local", "vllm"], chosen.in_flight))
    Console().print(table(measured))
    chosen.out.write_text("".join(json.dumps(asdict(level)) + "\n" for level in measured))


if __name__ == "__main__":
    main()
