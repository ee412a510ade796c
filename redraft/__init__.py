"""redraft: self-correction for language-model output, as graphs.

This file is the public surface, and nothing else.
"""

from redraft.engine.batch import abatch, arun_file, batch, run_file
from redraft.engine.files import Files
from redraft.engine.recipe import Recipe
from redraft.engine.records import Bad, Done, Item, Record
from redraft.errors import ConfigError, MissingExtra, RedraftError
from redraft.graphs.catalogue import METHODS, compose
from redraft.graphs.method import Method, Roles, Settings
from redraft.graphs.workflow import Step, Workflow, workflow
from redraft.schema import (
    Agreement,
    CodeTask,
    Constraint,
    Draft,
    Example,
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
    ToolMakingTask,
    TranslationTask,
    Unparsed,
    Usage,
    Verdict,
)
from redraft.verifiers.base import GroupVerifier, PairVerifier, Verifier
from redraft.verifiers.open import open_verifier

__all__ = [
    "METHODS",
    "Agreement",
    "Bad",
    "CodeTask",
    "ConfigError",
    "Constraint",
    "Done",
    "Draft",
    "Example",
    "Failure",
    "Files",
    "Finding",
    "GroupVerifier",
    "InstructionTask",
    "Item",
    "Method",
    "MissingExtra",
    "PairVerifier",
    "QuestionTask",
    "Recipe",
    "Record",
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
    "ToolMakingTask",
    "TranslationTask",
    "Unparsed",
    "Usage",
    "Verdict",
    "Verifier",
    "Workflow",
    "abatch",
    "arun_file",
    "batch",
    "compose",
    "open_verifier",
    "run_file",
    "workflow",
]
