"""What a framework costs: its own CPU time per item and per model call, where the model answers at once.

    python benchmarks/overhead.py [--only NAME] [--items N] [--repeat N] [--envs DIR] [-o FILE]

The work is the same for all: generate -> critique -> refine, three dependent model calls per item. Counted is the user
and system time of the process that the framework runs in, threads included; every peer is warmed up first, and of
`--repeat` runs, each in a fresh process, the least counts, for other work on the machine can only add to it.

asyncio, LangGraph and redraft run in the environment this script runs in; every other peer is installed into one of
its own under `--envs`, at the version below, and used again from there. What was set for each stands at the head of its
script in `peers/`; for all: response caches, logging, telemetry, live display and progress bars off. redraft runs with
everything on (store, budget, retries, journal, usage). optillm's package names some forty dependencies, PyTorch among
them; installed are those that its proxy imports when it starts.

CPU time depends on the machine; the ratios are what to look at.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

PEERS = Path(__file__).parent / "peers"


@dataclass(frozen=True)
class Peer:
    """A script in `peers/`, how many items it is given, and what pip installs for it, one call for each tuple."""

    name: str
    script: str
    items: int
    installs: tuple[tuple[str, ...], ...] = ()

    @property
    def environment(self) -> str | None:
        """The name of its environment; None for the one this script runs in."""
        return self.installs[0][-1].replace("==", "-") if self.installs else None


OPTILLM = (
    ("--no-deps", "optillm==0.4.0"),
    ("flask", "cerebras_cloud_sdk", "openai", "aiohttp", "PyYAML"),
    ("numpy", "networkx", "z3-solver<=4.15.4.0", "sympy", "math-verify", "scikit-learn"),
)
KNOWN = (
    Peer("redraft", "redraft_run.py", 2000),
    Peer("asyncio", "asyncio_run.py", 20000),
    Peer("langgraph", "langgraph_run.py", 2000),
    Peer("dspy", "dspy_run.py", 500, (("dspy==3.4.1",),)),
    Peer("inspect_ai", "inspect_run.py", 500, (("inspect-ai==0.3.285",),)),
    Peer("optillm-function", "optillm_run.py --how function", 500, OPTILLM),
    Peer("optillm-proxy", "optillm_run.py --how proxy", 200, OPTILLM),
)


@dataclass(frozen=True)
class Row:
    """One peer's least run. Times in seconds or, where the name says so, milliseconds; `load` is the machine's load
    average before the run; `failed` says why there are no numbers."""

    peer: str
    items: int = 0
    calls: int = 0
    cpu_seconds: float = 0.0
    wall_seconds: float = 0.0
    load: float = 0.0
    failed: str | None = None

    @property
    def ms_per_call(self) -> float:
        return 1000 * self.cpu_seconds / self.calls if self.calls else float("nan")

    def line_of_json(self, reference: Row) -> str:
        """The row for a program, with its ratio to the reference."""
        if self.failed:
            return json.dumps({"peer": self.peer, "failed": self.failed})
        ratio = None if reference.failed else self.ms_per_call / reference.ms_per_call
        return json.dumps({**asdict(self), "ms_per_call": self.ms_per_call, "ratio": ratio})


def python_of(peer: Peer, envs: Path) -> Path:
    """The interpreter of the peer's environment, which is made if it is not there. Raises CalledProcessError."""
    if peer.environment is None:
        return Path(sys.executable)
    folder = envs / peer.environment
    python, complete = folder / "bin" / "python", folder / "complete.json"
    if not complete.exists():
        Console(stderr=True).print(f"installing {peer.environment} in {folder}")
        _run([sys.executable, "-m", "venv", "--clear", str(folder)])
        for install in peer.installs:
            _run([str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *install])
        complete.write_text(json.dumps(peer.installs))
    return python.absolute()


def measure(peer: Peer, envs: Path, items: int, concurrency: int, repeat: int) -> Row:
    """The least of `repeat` runs."""
    rows: list[Row] = []
    try:
        python = python_of(peer, envs)
        script, *arguments = peer.script.split()
        size = ["--items", str(items), "--concurrency", str(concurrency)]
        for _ in range(repeat):
            load = round(os.getloadavg()[0], 2)
            line = json.loads(_run([str(python), str(PEERS / script), *arguments, *size]).splitlines()[-1])
            rows.append(Row(**{**line, "peer": peer.name, "load": load}))
    except subprocess.CalledProcessError as error:
        said = (error.stderr.strip() or error.stdout.strip() or "it said nothing").splitlines()[-1]
        return Row(peer.name, failed=f"exit code {error.returncode}: {said}")
    return min(rows, key=lambda row: row.cpu_seconds)


def _run(command: list[str]) -> str:
    here = {**os.environ, "OMP_NUM_THREADS": "1", "LANGSMITH_TRACING": "false"}
    if Path(command[0]) == Path(sys.executable):  # redraft itself need not be installed
        here["PYTHONPATH"] = os.pathsep.join(filter(None, [str(PEERS.parents[1]), os.environ.get("PYTHONPATH")]))
    else:
        here.pop("PYTHONPATH", None)
    return subprocess.run(command, check=True, capture_output=True, text=True, env=here).stdout


def table(rows: list[Row], reference: Row) -> Table:
    """A row each, with the ratio of its CPU time per call to the reference's."""
    shown = Table("CPU time, ms", "items", "per item", "per call", f"ratio to {reference.peer}", "load")
    for row in rows:
        if row.failed:
            shown.add_row(row.peer, "", "", row.failed, "", "")
            continue
        ratio = f"{row.ms_per_call / reference.ms_per_call:.2f}"
        per_item = f"{1000 * row.cpu_seconds / row.items:.3f}"
        shown.add_row(row.peer, f"{row.items:,}", per_item, f"{row.ms_per_call:.3f}", ratio, f"{row.load:.1f}")
    return shown


def main() -> None:
    """Measure, print a table, write one JSON object a line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    names = [peer.name for peer in KNOWN]
    parser.add_argument("--only", action="append", choices=names, help="may be given more than once; default: all")
    parser.add_argument("--items", type=int, metavar="N", help="default: by the peer's speed")
    parser.add_argument("--concurrency", type=int, default=32, metavar="N", help="items in flight, or threads")
    parser.add_argument("--repeat", type=int, default=3, metavar="N", help="runs of each peer")
    parser.add_argument("--envs", type=Path, default=Path(".benchmarks/envs"), metavar="DIR")
    parser.add_argument("-o", "--out", type=Path, default=Path("out-overhead.jsonl"), metavar="FILE")
    chosen = parser.parse_args()
    peers = [(peer, chosen.items or peer.items) for peer in KNOWN if peer.name in (chosen.only or names)]
    console = Console(stderr=True)
    rows: list[Row] = []
    for peer, items in peers:
        rows.append(measure(peer, chosen.envs, items, chosen.concurrency, chosen.repeat))
        said = rows[-1].failed or f"{rows[-1].ms_per_call:.3f} ms CPU per call"
        console.print(f"{peer.name}, {items:,} items: {said}", markup=False, highlight=False)
    Console().print(table(rows, rows[0]))
    chosen.out.write_text("".join(row.line_of_json(rows[0]) + "\n" for row in rows))


if __name__ == "__main__":
    main()
