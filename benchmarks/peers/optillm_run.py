"""optillm's mixture of agents, the method of its own with three dependent calls: drafts (three choices of one request),
critique, final. `--how proxy` (as it is shipped) asks the proxy over HTTP, with the threads that `optillm` starts it
with; `--how function` calls the method in this process, in threads, over one OpenAI client kept open, which spares it
the proxy. Logging off. Model and asker are in another process (fake_openai.py), so only optillm's CPU time counts.
"""

import logging
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import measure

os.environ["OPENAI_API_KEY"] = "none"
SYSTEM = "You answer questions."


class Outside:
    """The other process: the instant model, and who asks the proxy if there is one."""

    def __init__(self, proxy: str | None = None) -> None:
        script = Path(__file__).with_name("fake_openai.py")
        command = [sys.executable, str(script), *(["--drive", proxy] if proxy else [])]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.url = f"http://127.0.0.1:{self._read()}/v1"

    def _read(self) -> int:
        return int(self._process.stdout.readline())  # type: ignore[union-attr]

    def ask(self, numbers: range, concurrency: int) -> int:
        """Ask the proxy, and return the number of model calls since the last time."""
        print(numbers.start, len(numbers), concurrency, file=self._process.stdin, flush=True)
        return self._read()


def function(numbers: range, concurrency: int) -> int:
    """Generate, critique, refine, in this process."""
    client = OpenAI(base_url=outside.url, api_key="none")
    with client, ThreadPoolExecutor(concurrency) as pool:
        tasks = (measure.question(number) for number in numbers)
        list(pool.map(lambda task: mixture_of_agents(SYSTEM, task, client, "instant"), tasks))
    return outside.ask(range(0), 1)


if __name__ == "__main__":
    import optillm
    from openai import OpenAI
    from optillm.moa import mixture_of_agents
    from werkzeug.serving import make_server

    logging.disable(logging.CRITICAL)
    how = sys.argv.pop(sys.argv.index("--how") + 1)
    sys.argv.remove("--how")
    if how == "function":
        outside = Outside()
        measure.main("optillm function", function)
    else:
        server = make_server("127.0.0.1", 0, optillm.app, threaded=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        outside = Outside(f"http://127.0.0.1:{server.port}/v1")
        optillm.server_config.update(base_url=outside.url, approach="moa")
        measure.main("optillm proxy", outside.ask)
