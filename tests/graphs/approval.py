"""One process of a run that waits for a person: `python -m tests.graphs.approval FOLDER start|resume [ANSWER]`.

FOLDER holds the checkpoints and the response store. Prints the result, what it asks, and how often the model was asked.
"""

import asyncio
import json
import sys
from pathlib import Path

from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

import redraft
from redraft.models.base import ChatRequest
from redraft.models.scripted import Scripted

BAD, GOOD = "Die alte Bank ist geschlossen.", "Die alte Brücke ist geschlossen."
FOUND = '{"critical": [], "major": [{"category": "accuracy/mistranslation", "span": "Bank"}], "minor": []}'
TASK = redraft.TranslationTask(source="The old bridge is closed.", source_lang="en", target_lang="de")


def translator() -> Scripted:
    """A model that translates badly, sees it, and does better."""

    def reply(request: ChatRequest) -> str:
        prompt = request.messages[-1].content
        if "final target" in prompt:
            return GOOD
        return BAD if "Translate" in prompt else FOUND

    return Scripted(reply)


async def main(folder: Path, command: str, answer: str = "null") -> None:
    model = translator()
    async with AsyncSqliteSaver.from_conn_string(str(folder / "runs.db")) as saver:
        flow = redraft.workflow(
            "tear",
            model,
            roles={"verifier": "person"},
            verify=True,
            store=folder / "responses.db",
            checkpointer=saver,
        )
        run = flow.arun(TASK, "one") if command == "start" else flow.aresume("one", json.loads(answer))
        result, questions = await run, await flow.pending("one")
        await flow.aclose()
    report = {
        "result": result.model_dump(mode="json"),
        "questions": [question.model_dump(mode="json") for question in questions],
        "asked": len(model.requests),
    }
    sys.stdout.write(json.dumps(report))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), *sys.argv[2:]))
