"""Coq for the tests that need it (`-m coq`). In CI they run, or fail."""

from __future__ import annotations

import os
import shutil

import pytest

INSTALL = "apt-get install --no-install-recommends coq libcoq-hammer libcoq-coquelicot coinor-csdp eprover z3 cvc4"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if shutil.which("coqc") or os.environ.get("CI"):
        return
    missing = pytest.mark.skip(reason=f"Coq is not installed: {INSTALL}")
    for item in items:
        if item.get_closest_marker("coq"):
            item.add_marker(missing)
