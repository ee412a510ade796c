"""Running programs that a model wrote: contained, limited, and judged by what they cannot reach.

`open_sandbox()` finds the sandbox that works on this machine, or refuses. What a report means for a draft is a
verifier's business.
"""

from redraft.tools.sandbox.base import Kind, Limits, Outcome, Program, Report, Sandbox, SandboxUnusable
from redraft.tools.sandbox.open import open_sandbox
from redraft.tools.sandbox.pool import Pool

__all__ = ["Kind", "Limits", "Outcome", "Pool", "Program", "Report", "Sandbox", "SandboxUnusable", "open_sandbox"]
