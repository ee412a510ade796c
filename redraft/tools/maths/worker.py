"""The process in which math-verify and SymPy run, so that an answer such as 9**9**9**9 costs a process and no more.

It imports nothing of redraft. JSON lines: `["ready"]` first; then for each line in, `["x^2", "x \\\\cdot x"]`, one out:
`true`, `false` or why it could not be told. The kernel ends it when one pair takes more than its processor time, which
is not wall time, so that a busy machine changes no verdict; and it ends when its standard input does.
"""

from __future__ import annotations

import json
import logging
import os
import re
import resource
import signal
import sys


def serve(seconds: float, megabytes: int) -> None:
    """Answer until standard input ends."""
    replies = os.fdopen(os.dup(1), "w", encoding="ascii")
    os.dup2(2, 1)  # Whatever a library prints is no reply.
    logging.disable(logging.CRITICAL)
    from math_verify import LatexExtractionConfig, parse, verify

    config = (LatexExtractionConfig(),)

    def compare(one: str, other: str) -> bool | str:
        # Their own time-outs are SIGALRM; ours ends the process, whatever it is stuck in.
        read = [parse(f"${latex(text)}$", config, "no_fallback", parsing_timeout=None) for text in (one, other)]
        if not all(read):
            return "undecided: math-verify cannot read it"
        # Not symmetric: the first gives the form that the other may be brought into.
        return any(verify(a, b, timeout_seconds=None) for a, b in (read, read[::-1]))

    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20, megabytes << 20))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    replies.write('["ready"]\n')
    replies.flush()
    for line in sys.stdin:
        one, other = json.loads(line)
        signal.setitimer(signal.ITIMER_PROF, seconds)
        verdict = compare(one, other)
        signal.setitimer(signal.ITIMER_PROF, 0)
        replies.write(json.dumps(verdict) + "\n")
        replies.flush()


def latex(answer: str) -> str:
    """As LaTeX: without dollars, and with a backslash before names that would be read as products of letters."""
    text = re.sub(r"(?<!\\)\$", "", answer).replace("**", "^").replace("\n", " ")
    text = re.sub(r"(?<![\\a-zA-Z])(pi|sin|cos|tan|ln|log|infty)(?![a-zA-Z])", r"\\\1", text)
    return re.sub(r"(?<![\\a-zA-Z])(?:inf|infinity|oo)(?![a-zA-Z])|∞", r"\\infty", text)


if __name__ == "__main__":
    serve(float(sys.argv[1]), int(sys.argv[2]))
