"""The Python that runs in a sandbox: the one that runs redraft, without its packages unless they are asked for."""

from __future__ import annotations

import json
import os
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path

ENVIRONMENT = {"LANG": "C.UTF-8", "PATH": "/nowhere", "PYTHONHASHSEED": "0", "OPENBLAS_NUM_THREADS": "1"}
"""All that a program finds in its environment, beside HOME and TMPDIR. The seed, so that a verdict does not depend on
which worker it came from; the threads, because NumPy would start one for each processor."""


def base_python() -> str:
    """Its program, outside any virtual environment."""
    return os.path.realpath(Path(sys.base_prefix, "bin", f"python{sysconfig.get_python_version()}"))


def needed(python: str) -> list[str]:
    """What Python needs to run: itself, its library, and the system's shared libraries. No packages."""
    base = {"base": sys.base_prefix, "platbase": sys.base_prefix}
    library, platform = sysconfig.get_path("stdlib", vars=base), sysconfig.get_path("platstdlib", vars=base)
    shared = sysconfig.get_config_var("LIBDIR") or ""
    name = sysconfig.get_config_var("INSTSONAME") or ""
    own = [python, library, platform, str(Path(shared, name)) if ".so" in name else ""]
    system = ["/lib", "/lib64", "/usr/lib", "/usr/lib64", "/etc/ld.so.cache"]
    return list(dict.fromkeys(path for path in [*system, *own] if path))


def own_packages() -> tuple[str, ...]:
    """The folders of the packages that are installed beside redraft."""
    return tuple(dict.fromkeys((sysconfig.get_path("purelib"), sysconfig.get_path("platlib"))))


def server_command(python: str, folder: str, setup: dict[str, object], packages: Sequence[str] = ()) -> list[str]:
    """The command that runs `inside.server`, whose package lies in `folder` in the sandbox, as `packages` do."""
    path = f"sys.path[:0] = [{folder!r}]; sys.path += {[*packages]!r}"
    code = f"import sys; {path}; from inside.server import main; main(sys.argv[1])"
    return [python, "-s", "-S", "-P", "-B", "-c", code, json.dumps(setup)]
