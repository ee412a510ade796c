"""Embed a workflow in an application: stream its steps, read its result.

python examples/embed.py [MODEL]
"""

import asyncio
import sys

import redraft


async def main(model: str) -> None:
    """Review and rewrite one answer, telling of each step."""
    task = redraft.QuestionTask(question="Why is the sky blue?", draft="Because it mirrors the sea.")
    async with redraft.workflow("self-refine", model, rounds=1, max_tokens=128) as flow:
        async for event in flow.astream(task):
            if isinstance(event, redraft.Step):
                print(f"{event.node}: {event.final.text if event.final else ''}")
            else:
                print(f"{event.stop} after {event.usage.calls} calls: {event.final.text if event.final else ''}")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1] if len(sys.argv) > 1 else "local"))
