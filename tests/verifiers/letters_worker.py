"""A worker of COMET's protocol without COMET: a translation scores a hundredth of its length.

Run as `python -I letters_worker.py COMET_WORKER MODEL`: the protocol is the real one, out of `comet_worker.py`. Some
translations, and some models, make it misbehave as a real one can.
"""

import importlib.util
import os
import signal
import sys
import time

spec = importlib.util.spec_from_file_location("comet_worker", sys.argv[1])
comet_worker = importlib.util.module_from_spec(spec)
spec.loader.exec_module(comet_worker)


class Letters:
    about = "letters 1.0"

    def __call__(self, rows):
        return [self.one(row["mt"], len(rows)) for row in rows]

    def one(self, text, together):
        match text:
            case "raise":
                raise ValueError("no such\nletter")
            case "nan":
                return float("nan")
            case "die":
                os.kill(os.getpid(), signal.SIGKILL)
            case "hang":
                time.sleep(600)
            case "chatter":
                sys.stdout.write("progress: 50 %\n")
                os.write(1, b"and from C\n")
            case "together":
                return together
        return len(text) / 100


def load():
    match sys.argv[2]:
        case "unreadable":
            raise OSError("no such weights")
        case "dies":
            sys.exit("out of memory")
        case "hangs":
            time.sleep(600)
    return Letters()


if sys.argv[2] == "garbles":
    os.write(1, b"this is not JSON\n")
comet_worker.serve(load)
