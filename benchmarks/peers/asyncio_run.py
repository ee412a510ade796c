"""The floor: three awaits per item in a bare asyncio loop, a bounded number of items at once."""

import asyncio

import measure


def run(numbers: range, concurrency: int) -> int:
    """Generate, critique, refine."""
    calls = 0

    async def model(prompt: str, reply: str) -> str:
        nonlocal calls
        calls += 1
        await asyncio.sleep(0)
        return reply

    async def worker() -> None:
        for number in left:
            task = measure.question(number)
            draft = await model(task, measure.DRAFT)
            review = await model(f"{task}\n{draft}", measure.REVIEW)
            await model(f"{task}\n{draft}\n{review}", measure.BETTER)

    async def together() -> None:
        await asyncio.gather(*(worker() for _ in range(concurrency)))

    left = iter(numbers)
    asyncio.run(together())
    return calls


if __name__ == "__main__":
    measure.main("asyncio", run)
