"""An OpenAI-compatible server that answers at once, in a process of its own; with --drive also who asks a proxy.

Prints its port on a line. For each line `FIRST COUNT CONCURRENCY` of standard input it asks the proxy at --drive that
many questions (without one, none) and prints how many replies it gave since the last line. Ends when the input does.
"""

import argparse
import asyncio
import sys
import time

import aiohttp
import measure
from aiohttp import web


def reply(n: int) -> dict[str, object]:
    """A chat completion of `n` choices."""
    message = {"role": "assistant", "content": measure.DRAFT}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": "instant",
        "choices": [{"index": index, "message": message, "finish_reason": "stop"} for index in range(n)],
        "usage": {"prompt_tokens": 100, "completion_tokens": 30 * n, "total_tokens": 100 + 30 * n},
    }


async def serve(drive: str | None) -> None:
    """Answer until standard input ends."""
    calls = counted = 0

    async def chat(request: web.Request) -> web.Response:
        nonlocal calls
        calls += 1
        return web.json_response(reply((await request.json()).get("n", 1)))

    app = web.Application()
    app.router.add_post("/v1/chat/completions", chat)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    print(runner.addresses[0][1], flush=True)
    while line := await asyncio.to_thread(sys.stdin.readline):
        first, count, concurrency = map(int, line.split())
        left = iter(range(first, first + count))
        async with aiohttp.ClientSession() as session:

            async def worker(session: aiohttp.ClientSession = session, left: object = left) -> None:
                for number in left:  # type: ignore[attr-defined]
                    body = {"model": "instant", "messages": [{"role": "user", "content": measure.question(number)}]}
                    async with session.post(f"{drive}/chat/completions", json=body) as response:
                        response.raise_for_status()
                        await response.read()

            if drive:
                await asyncio.gather(*(worker() for _ in range(concurrency)))
        print(calls - counted, flush=True)
        counted = calls
    await runner.cleanup()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--drive", metavar="URL")
    asyncio.run(serve(parser.parse_args().drive))
