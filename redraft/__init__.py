"""redraft: self-correction for language-model output, as graphs.

This file is the public surface, and nothing else.
"""

from redraft.errors import ConfigError, MissingExtra, RedraftError
from redraft.graphs.catalogue import METHODS
from redraft.graphs.method import Method, Roles, Settings
from redraft.graphs.workflow import Step, Workflow, workflow
from redraft.schema import (
    CodeTask,
    Draft,
    Failure,
    Finding,
    InstructionTask,
    QuestionTask,
    Result,
    Revision,
    Span,
    StopReason,
    Task,
    TextTask,
    TheoremTask,
    ToolCallTask,
    TranslationTask,
    Unparsed,
    Usage,
    Verdict,
)

__all__ = [
    "METHODS",
    "CodeTask",
    "ConfigError",
    "Draft",
    "Failure",
    "Finding",
    "InstructionTask",
    "Method",
    "MissingExtra",
    "QuestionTask",
    "RedraftError",
    "Result",
    "Revision",
    "Roles",
    "Settings",
    "Span",
    "Step",
    "StopReason",
    "Task",
    "TextTask",
    "TheoremTask",
    "ToolCallTask",
    "TranslationTask",
    "Unparsed",
    "Usage",
    "Verdict",
    "Workflow",
    "workflow",
]
