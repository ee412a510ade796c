"""Tool calls made wrong in known ways, and how many of them are put right without a model, on BFCL's questions.

    python benchmarks/bfcl.py [--folder FOLDER]

FOLDER is where the wheel of `bfcl-eval` was unpacked (`pip download --no-deps bfcl-eval`; or $REDRAFT_BFCL, or the
installed package). Right calls are drawn from the accepted values; each is made wrong once in every way that it can be.
The correction sees the schemas alone; whether what it brings is right is said by BFCL's accepted values.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import JsonValue

from redraft.evaluation.metrics.tool_calls import AcceptedCall, accepted_calls, match
from redraft.schema import FunctionSchema, ToolCall
from redraft.tools.functions.check import Checker
from redraft.tools.functions.repair import repair

CATEGORIES = ("simple_python", "multiple", "parallel", "parallel_multiple")


@dataclass(frozen=True)
class Item:
    """One question of BFCL, with its raw parts for the package's own checker."""

    id: str
    category: str
    functions: tuple[FunctionSchema, ...]
    accepted: list[AcceptedCall]
    raw_functions: list[dict[str, JsonValue]]
    raw_accepted: list[dict[str, JsonValue]]


def find_package() -> Path | None:
    """The folder `bfcl_eval`, by $REDRAFT_BFCL or as installed."""
    if given := os.environ.get("REDRAFT_BFCL"):
        return next((path for path in (Path(given), Path(given) / "bfcl_eval") if (path / "data").is_dir()), None)
    spec = importlib.util.find_spec("bfcl_eval")
    return Path(spec.origin).parent if spec and spec.origin else None


def read(package: Path, category: str) -> list[Item]:
    """Every question of a category with its accepted calls."""
    questions, answers = (
        {row["id"]: row for row in map(json.loads, filter(str.strip, path.read_text(encoding="utf-8").split("\n")))}
        for path in (
            package / "data" / f"BFCL_v4_{category}.json",
            package / "data" / "possible_answer" / f"BFCL_v4_{category}.json",
        )
    )
    return [
        Item(
            key,
            category,
            tuple(FunctionSchema.model_validate(each) for each in row["function"]),
            accepted_calls(answers[key]["ground_truth"]),
            row["function"],
            answers[key]["ground_truth"],
        )
        for key, row in questions.items()
    ]


def right_calls(item: Item, draw: random.Random | None = None) -> list[ToolCall]:
    """Calls of accepted values: the first of each, or any. An argument that may be left out at times is."""

    def chosen(values: list[JsonValue]) -> JsonValue:
        return draw.choice(values) if draw else values[0]

    def plain(value: JsonValue) -> JsonValue:
        """In an object of the accepted values, each key has a list of values of its own."""
        if isinstance(value, dict):
            read = {key: chosen(each) for key, each in value.items() if isinstance(each, list)}
            return {key: each for key, each in read.items() if each != ""}
        return [plain(each) for each in value] if isinstance(value, list) else value

    return [
        ToolCall(
            name=call.name,
            arguments={
                name: plain(value) for name, values in call.arguments.items() if (value := chosen(values)) != ""
            },
        )
        for call in item.accepted
    ]


def mutants(item: Item, draw: random.Random) -> Iterator[tuple[str, list[ToolCall]]]:
    """The right calls with one thing changed, by the name of the change; some of them are still right."""
    calls = right_calls(item, draw)
    place = draw.randrange(len(calls))
    call = calls[place]

    def swapped(name: str | None = None, arguments: dict[str, JsonValue] | None = None) -> list[ToolCall]:
        changed = ToolCall(name=name or call.name, arguments=call.arguments if arguments is None else arguments)
        return [*calls[:place], changed, *calls[place + 1 :]]

    yield "name: misspelt", swapped(_misspelt(call.name, draw))
    yield "name: case", swapped(call.name.upper())
    yield "name: prefix", swapped(f"functions.{call.name}")
    yield "name: made up", swapped("do_" + "".join(draw.sample("bcdfghjklmnp", 8)))
    if others := [each.name for each in item.functions if each.name != call.name]:
        yield "name: another function", swapped(draw.choice(others))
    yield "argument: extra", swapped(arguments={**call.arguments, "verbosity_": 3})
    yield "calls: one twice", [*calls, call]
    yield "calls: none", []
    if len(calls) > 1:
        yield "calls: reordered", calls[::-1]
        yield "calls: one missing", [*calls[:place], *calls[place + 1 :]]
    if not call.arguments:
        return
    name = draw.choice(list(call.arguments))
    value = call.arguments[name]

    def with_value(other: JsonValue) -> list[ToolCall]:
        return swapped(arguments={**call.arguments, name: other})

    yield "argument: missing", swapped(arguments={key: each for key, each in call.arguments.items() if key != name})
    misspelt = _misspelt(name, draw)
    yield (
        "argument: misspelt",
        swapped(arguments={misspelt if key == name else key: each for key, each in call.arguments.items()}),
    )
    yield "arguments: reordered", swapped(arguments=dict(reversed(call.arguments.items())))
    yield "type: in a list", with_value([value])
    yield "type: null", with_value(None)
    if isinstance(value, bool):
        yield "value: negated", with_value(not value)
        yield "type: in quotes", with_value(str(value))
    elif isinstance(value, (int, float)):
        yield "value: another number", with_value(value + 7)
        yield "type: in quotes", with_value(json.dumps(value))
        yield "type: fraction", with_value(float(value) + 0.5)
    elif isinstance(value, str):
        yield "value: another text", with_value(value + " and more")
        yield "value: case", with_value(value.swapcase())
        yield "type: a number", with_value(3)
    else:
        yield "type: in quotes", with_value(json.dumps(value))
        if isinstance(value, list):
            yield "value: shorter list", with_value(value[1:])
            yield "type: items in quotes", with_value([json.dumps(each) for each in value])


def _misspelt(name: str, draw: random.Random) -> str:
    """Two neighbours swapped, or the last letter twice where no two differ."""
    places = [i for i in range(1, len(name) - 1) if name[i] != name[i + 1] and name[i : i + 2].isalpha()]
    if not places:
        return name + name[-1]
    i = draw.choice(places)
    return name[:i] + name[i + 1] + name[i] + name[i + 2 :]


@dataclass
class Tally:
    """Of one kind of mutant: how many there are, were right as they are, were changed, and are right after that."""

    mutants: int = 0
    right_before: int = 0
    valid_before: int = 0
    changed: int = 0
    repaired: int = 0
    harmed: int = 0


def correct_all(items: list[Item], seed: int = 0) -> dict[str, Tally]:
    """Every mutant through the repair, which knows the schemas alone."""
    draw = random.Random(seed)
    tallies: dict[str, Tally] = {}
    for item in items:
        checker = Checker(item.functions)
        for kind, calls in mutants(item, draw):
            tally = tallies.setdefault(kind, Tally())
            after, made = repair(calls, checker)
            before_right = match(calls, item.accepted, item.functions) is None
            after_right = match(after, item.accepted, item.functions) is None
            tally.mutants += 1
            tally.right_before += before_right
            tally.valid_before += not checker.faults(calls)
            tally.changed += bool(made)
            tally.repaired += after_right and not before_right
            tally.harmed += before_right and not after_right
    return tallies


def main() -> None:
    """Print a table by kind of mutant, and the faults before and after."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path)
    package = parser.parse_args().folder or find_package()
    if package is None:
        parser.error("no bfcl-eval: set REDRAFT_BFCL to the folder of its unpacked wheel, or give --folder")
    package = package / "bfcl_eval" if (package / "bfcl_eval").is_dir() else package
    items = [item for category in CATEGORIES for item in read(package, category)]
    before: Counter[str] = Counter()
    after: Counter[str] = Counter()
    draw = random.Random(0)
    for item in items:
        checker = Checker(item.functions)
        for _, calls in mutants(item, draw):
            before.update(fault.kind.value for fault in checker.faults(calls))
            after.update(fault.kind.value for fault in checker.faults(repair(calls, checker)[0]))
    print(
        f"{'mutants of ' + str(len(items)) + ' items':26} {'all':>6} {'right':>6} {'wrong':>6} {'repaired':>8} harmed"
    )
    for kind, tally in sorted(correct_all(items).items()):
        wrong = tally.mutants - tally.right_before
        print(f"{kind:26} {tally.mutants:6} {tally.right_before:6} {wrong:6} {tally.repaired:8} {tally.harmed:6}")
    print(f"\n{'faults by the schemas':26} {'before':>6} {'after':>6}")
    for kind in sorted(before):
        print(f"{kind:26} {before[kind]:6} {after[kind]:6}")


if __name__ == "__main__":
    main()
