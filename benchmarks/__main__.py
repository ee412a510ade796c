"""Every benchmark, one after the other, on a quiet machine: `python benchmarks [--quick] [-o FOLDER]`.

Each prints a table and writes JSON lines into FOLDER; each can be run alone, where its options are. Half an hour on two
cores; `--quick` takes a few minutes and proves little more than that everything runs.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
QUICK = {
    "overhead": ["--only", "redraft", "--only", "langgraph", "--items", "300", "--repeat", "1"],
    "growth": ["--items", "200", "1000"],
    "saturation": ["--server", "instant", "--items", "300", "--repeat", "1"],
    "durability": ["--items", "300", "--repeat", "1", "--memory", "1000", "10000"],
    "mqm_ape": ["--items", "4"],
    "bootstrap": ["--items", "1000", "--resamples", "1000", "--repeat", "1"],
    "acc_eq": ["--repeat", "1"],
    "sandbox": ["--programs", "50", "--repeat", "1"],
    "provers": ["--attempts", "300", "--fresh", "6", "--repeat", "1"],
    "model_throughput": ["--in-flight", "1", "8"],
}


def main() -> None:
    """Run them all; ends with the number of those that failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("-o", "--out", type=Path, default=Path("out-benchmarks"), metavar="FOLDER")
    chosen = parser.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    failed = 0
    for name, quick in QUICK.items():
        command = [sys.executable, str(HERE / f"{name}.py"), "-o", str(chosen.out / f"{name}.jsonl")]
        failed += bool(subprocess.run(command + (quick if chosen.quick else []), check=False).returncode)
    sys.exit(failed)


if __name__ == "__main__":
    main()
