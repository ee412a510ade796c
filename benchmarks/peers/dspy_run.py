"""dspy.Refine with N=2 over dspy.Predict: predict, advice on what was wrong, predict again. Refine has no async form,
so dspy.Parallel runs it in threads. Cache, history and progress bar off, logging at errors; the engine is in process.
"""

import logging

import dspy
import measure
from dspy import lm15

# One reply serves both signatures: the adapter takes the fields that it asked for.
REPLY = f"""[[ ## answer ## ]]
{measure.DRAFT}

[[ ## discussion ## ]]
{measure.REVIEW}

[[ ## advice ## ]]
{{"self": "{measure.REVIEW}"}}

[[ ## completed ## ]]
"""


class Instant:
    """dspy's engine protocol."""

    def __init__(self) -> None:
        self.calls = 0

    def complete(self, request: lm15.Request) -> lm15.Response:
        self.calls += 1
        usage = lm15.Usage(input_tokens=100, output_tokens=30)
        return lm15.Response(None, "instant", lm15.Message.assistant(REPLY), "stop", usage)


def never(arguments: dict[str, str], prediction: dspy.Prediction) -> float:
    """A reward below any threshold: the draft always needs work."""
    return 0.0


def run(numbers: range, concurrency: int) -> int:
    """Generate, critique, refine."""
    engine = Instant()
    dspy.configure(lm=dspy.LM("instant", engine=engine, cache=False), disable_history=True)
    refine = dspy.Refine(dspy.Predict("question -> answer"), N=2, reward_fn=never, threshold=1.0)
    parallel = dspy.Parallel(num_threads=concurrency, disable_progress_bar=True)
    answers = parallel([(refine, {"question": measure.question(number)}) for number in numbers])
    assert all(answer.answer == measure.DRAFT for answer in answers)
    return engine.calls


if __name__ == "__main__":
    logging.getLogger("dspy").setLevel(logging.ERROR)
    measure.main("dspy", run)
