"""Does correcting help here? Two methods beside what the same calls bring without correcting.

python examples/evaluate.py SAMPLES.jsonl [MODEL]
"""

import asyncio
import sys
from pathlib import Path

from redraft.evaluation.compare import Comparison, Setup, compare
from redraft.evaluation.contender import Players
from redraft.evaluation.datasets import open_grader, open_samples
from redraft.evaluation.front import front
from redraft.evaluation.summary import summarise
from redraft.models.base import ChatModel


async def main(data: str, model: str | ChatModel, folder: Path) -> Comparison:
    """Compare over `data`; run again, it goes on from what is in `folder`."""
    samples = open_samples(data, limit=100)
    grader = open_grader(samples)
    methods = {"cove": "cove", "refined": "self-refine", "both": "cove+self-refine"}
    setup = Setup(Players(model), {"refined": {"rounds": 2}}, store=folder / "responses.sqlite")
    found = await compare(samples, grader, methods, folder, setup)
    await grader.aclose()
    for point in front(summarise(found.outcomes)):
        print(f"{point.method}: {point.cost:.1f} calls, accuracy {point.quality:.2f}, beaten by {point.beaten_by}")
    for test in found.tests():
        print(f"{test.first} less {test.second}: {test.difference.value} (Holm p {test.holm})")
    return found


if __name__ == "__main__":
    asyncio.run(main(f"jsonl:{sys.argv[1]}", (sys.argv[2:] or ["local"])[0], Path("comparison")))
