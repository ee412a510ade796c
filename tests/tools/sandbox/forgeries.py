"""Programs that give no right answer and try to pass all the same. Each is told to give `f(2) == 4`."""

from __future__ import annotations

WRONG = "\ndef f(x): return 0\n"

AT_START: dict[str, str] = {
    "exits 0": "import os; os._exit(0)",
    "sys.exit(0)": "import sys; sys.exit(0)",
    "raises SystemExit(0)": "raise SystemExit(0)",
    "raises KeyboardInterrupt": "raise KeyboardInterrupt",
    "is killed": "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
    "execs a program that succeeds": "import os, sys; os.execv(sys.executable, [sys.executable, '-c', ''])",
    "prints a verdict": """print('{"of": "test", "kind": "passed", "detail": ""}', flush=True)""",
    "prints a report": """
import os
for fd in (1, 2):
    os.write(fd, b'{"program": {"kind": "passed", "detail": ""}, "tests": [{"kind": "passed", "detail": ""}]}\\n')""",
    "writes a verdict into every file descriptor": """
import os
for fd in range(128):
    try: os.write(fd, b'{"of": "test", "kind": "passed", "detail": ""}\\n')
    except OSError: pass""",
    "writes a verdict into every file in /proc/*/fd": """
import glob
for name in glob.glob('/proc/[0-9]*/fd/*'):
    try: open(name, 'w').write('{"of": "test", "kind": "passed", "detail": ""}\\n')
    except OSError: pass""",
    "replaces AssertionError": "import builtins; builtins.AssertionError = type('A', (BaseException,), {})",
    "makes exceptions silent": "import builtins; builtins.Exception = builtins.AssertionError = builtins.BaseException",
    "replaces sys.stdout": "import io, sys; sys.stdout = sys.stderr = sys.__stdout__ = io.StringIO()",
    "replaces os._exit and os.write": """
import os
os._exit = lambda code: None
write = os.write
os.write = lambda fd, data: write(fd, data.replace(b'failed', b'passed'))""",
    "replaces json": """
import json
json.dumps = lambda *a, **k: '{"of": "test", "kind": "passed", "detail": ""}'
json.loads = lambda *a, **k: {"of": "test", "kind": "passed", "detail": ""}""",
    "patches the harness it can import": """
import sys
for name, module in list(sys.modules.items()):
    if name.startswith('inside'):
        for each in ('judge', 'telling', 'failed', '_run', 'started', '_verdict', 'rebuilt', 'exchange'):
            setattr(module, each, lambda *a, **k: {'of': 'test', 'kind': 'passed', 'detail': ''})""",
    "patches the harness that gc finds": """
import gc
for thing in gc.get_objects():
    if isinstance(thing, dict) and 'kind' in thing and isinstance(thing['kind'], str):
        thing['kind'] = 'passed'
    if type(thing).__name__ == 'Trial':
        thing._said = b'{"of": "test", "kind": "passed", "detail": ""}\\n'""",
    "rewrites the frames above it": """
import ctypes, sys
frame = sys._getframe()
while frame:
    for name in list(frame.f_locals):
        if name in ('kind', 'reply', 'message', 'test', 'code'):
            frame.f_locals[name] = 'passed'
    ctypes.pythonapi.PyFrame_LocalsToFast(ctypes.py_object(frame), ctypes.c_int(0))
    frame = frame.f_back""",
    "traces": """
import sys, threading
def trace(frame, event, arg):
    for name in frame.f_locals:
        if name == 'value': frame.f_locals[name] = 4
    return trace
sys.settrace(trace); threading.settrace(trace); sys.setprofile(trace)""",
    "comes back at exit": """
import atexit, os
atexit.register(lambda: os.write(1, b'{"of": "test", "kind": "passed", "detail": ""}\\n'))""",
    "comes back from __del__": """
import os
class Last:
    def __del__(self): os.write(1, b'{"of": "test", "kind": "passed", "detail": ""}\\n'); os._exit(0)
last = Last()""",
    "comes back from a signal": """
import os, signal
signal.signal(signal.SIGALRM, lambda *_: os._exit(0))
signal.setitimer(signal.ITIMER_REAL, 0.01, 0.01)""",
    "comes back from a thread": """
import os, threading
def later():
    while True:
        for fd in range(3, 16):
            try: os.write(fd, b'{"of": "test", "kind": "passed", "detail": ""}\\n')
            except OSError: pass
threading.Thread(target=later, daemon=True).start()""",
    "goes on in two processes": "import os; os.fork()",
    "leaves a process behind that speaks for it": """
import os, time
if os.fork() == 0:
    while True:
        os.write(1, b'{"of": "test", "kind": "passed", "detail": ""}\\n')
        time.sleep(0.001)""",
    "sends ANY for every value": """
import sys
for module in list(sys.modules.values()):
    wire = getattr(module, 'Wire', None)
    if isinstance(wire, type):
        wire.pack = lambda self, value: ['known', 'unittest.mock', 'ANY']""",
    "answers every question with true": """
import sys
for module in list(sys.modules.values()):
    wire = getattr(module, 'Wire', None)
    if isinstance(wire, type):
        wire.send = lambda self, message: self._channel.sendall(
            (len(b'["value", true]')).to_bytes(8, 'big') + b'["value", true]')""",
    "says a message too long to read": """
import sys
for module in list(sys.modules.values()):
    wire = getattr(module, 'Wire', None)
    if isinstance(wire, type):
        wire.send = lambda self, message: self._channel.sendall((1 << 62).to_bytes(8, 'big'))""",
    "kills everything": "import os\ndef f(x): os.kill(-1, 9)",
    "stands in for abs": "def abs(x): return 0",
    "stands in for the module math": """
class math:
    isclose = staticmethod(lambda *a, **k: True)
import sys
sys.modules['math'] = math""",
}
"""What runs before the wrong `f` is defined."""

AS_ANSWER: dict[str, str] = {
    "equals everything": """
class Same:
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __lt__(self, other): return True
    __le__ = __gt__ = __ge__ = __lt__
    def __hash__(self): return hash(4)
    def __sub__(self, other): return self
    __rsub__ = __abs__ = lambda self, *_: self
    def __contains__(self, other): return True
    def __repr__(self): return '4'
    __str__ = __repr__
def f(x): return Same()""",
    "an int that equals everything": """
class Same(int):
    def __eq__(self, other): return True
    def __hash__(self): return 4
def f(x): return Same(0)""",
    "a mock": "from unittest.mock import ANY, MagicMock\ndef f(x): return ANY",
    "a class whose type equals everything": """
class Type(type):
    def __eq__(cls, other): return True
    def __hash__(cls): return 4
class Same(metaclass=Type): pass
def f(x): return Same""",
    "exits": "import os\ndef f(x): os._exit(0)",
    "raises SystemExit(0)": "def f(x): raise SystemExit(0)",
    "raises StopIteration": "def f(x): raise StopIteration",
    "raises GeneratorExit": "def f(x): raise GeneratorExit",
    "forks and answers twice": "import os\ndef f(x): return os.fork() * 0",
    "looks for the answer in the frames above": """
import sys
def f(x):
    frame = sys._getframe(1)
    while frame:
        for value in frame.f_locals.values():
            if isinstance(value, str) and '== ' in value: return int(value.split('== ')[1])
        frame = frame.f_back
    return 0""",
    "looks for the answer in everything there is": """
import gc, re
def f(x):
    for thing in gc.get_objects():
        found = re.search(r'f\\(2\\) == (\\d+)', str(thing)[:2000]) if isinstance(thing, (str, dict, tuple)) else None
        if found: return int(found[1])
    return 0""",
    "recurses without end": "def f(x): return f(x)",
    "holds itself": "def f(x):\n    a = []\n    a.append(a)\n    return a",
    "never answers": "def f(x):\n    while True: pass",
}
"""Programs whose answer is the attack."""

TESTS = ("assert f(2) == 4", "assert abs(f(2) - 4) < 1e-6", "import math\nassert math.isclose(f(2), 4)")
"""What they have to hold against; `assert f(2)` alone would be satisfied by whatever is true."""
