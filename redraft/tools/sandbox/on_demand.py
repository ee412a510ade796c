"""A sandbox that is looked for when the first program comes, so that whoever holds it need not wait for it."""

from __future__ import annotations

import asyncio

from redraft.tools.sandbox.base import Limits, Program, Report, Sandbox, SandboxUnusable
from redraft.tools.sandbox.open import open_sandbox
from redraft.tools.sandbox.python import own_packages


class OnDemand:
    """`open_sandbox()`, once, with redraft's own packages if `packages`. Where none works every `run` says so."""

    name = "on demand"

    def __init__(self, *, unsafe: bool = False, packages: bool = False) -> None:
        self._unsafe = unsafe
        self._packages = own_packages() if packages else ()
        self._found: Sandbox | SandboxUnusable | None = None
        self._finding = asyncio.Lock()

    async def run(self, program: Program, limits: Limits = Limits()) -> Report:  # noqa: B008 Frozen.
        """Run `program`. Raises SandboxUnusable."""
        async with self._finding:
            if self._found is None:
                try:
                    self._found = await open_sandbox(unsafe=self._unsafe, packages=self._packages)
                except SandboxUnusable as error:
                    self._found = error
        if isinstance(self._found, SandboxUnusable):
            raise self._found
        return await self._found.run(program, limits)

    async def aclose(self) -> None:
        """End every process. May be called more than once."""
        if self._found is not None and not isinstance(self._found, SandboxUnusable):
            await self._found.aclose()
