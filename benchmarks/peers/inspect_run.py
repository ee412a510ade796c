"""inspect_ai: the solvers generate and self_critique over a data set. Display, control server, live log, log of raw
model calls and scoring off, cache off (its default); the log file of the samples stays on, as redraft's records do.
"""

import asyncio
import tempfile

import measure
from inspect_ai import Task, eval
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import GenerateConfig, Model, ModelAPI, ModelOutput, ModelUsage, modelapi
from inspect_ai.solver import generate, self_critique


@modelapi("instant")
class Instant(ModelAPI):
    """inspect_ai's model protocol."""

    calls = 0

    async def generate(self, input, tools, tool_choice, config) -> ModelOutput:  # type: ignore[no-untyped-def]
        self.calls += 1
        await asyncio.sleep(0)
        output = ModelOutput.from_content("instant", measure.DRAFT)
        output.usage = ModelUsage(input_tokens=100, output_tokens=30, total_tokens=130)
        return output


def run(numbers: range, concurrency: int) -> int:
    """Generate, critique, refine."""
    instant = Instant("instant")
    samples = MemoryDataset([Sample(input=measure.question(number)) for number in numbers])
    with tempfile.TemporaryDirectory() as folder:
        (log,) = eval(
            Task(dataset=samples, solver=[generate(), self_critique()]),
            model=Model(instant, GenerateConfig(max_connections=concurrency)),
            max_samples=concurrency,
            display="none",
            log_level="error",
            log_dir=folder,
            log_realtime=False,
            log_model_api=False,
            log_header_only=True,
            ctl_server=False,
            score=False,
        )
    if log.status != "success":
        raise SystemExit(f"inspect_ai: {log.status}: {log.error}")
    return instant.calls


if __name__ == "__main__":
    measure.main("inspect_ai", run)
