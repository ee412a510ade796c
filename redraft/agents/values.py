"""What prompts may say of a task: the blanks each kind of task fills in."""

import langcodes

from redraft.schema import (
    CodeTask,
    InstructionTask,
    QuestionTask,
    Task,
    TextTask,
    TheoremTask,
    ToolCallTask,
    ToolMakingTask,
    TranslationTask,
)


def language(code: str) -> str:
    """The English name of a language: 'de' is 'German'."""
    return langcodes.Language.get(code).display_name()


def ask(task: Task) -> str:
    """What is asked, in words, for a prompt that takes any task."""
    match task:
        case TranslationTask():
            return f"Translate from {language(task.source_lang)} into {language(task.target_lang)}:\n{task.source}"
        case QuestionTask():
            return task.question
        case InstructionTask():
            return task.instruction
        case CodeTask():
            tests = ("It must pass these tests:", *task.tests) if task.tests else ()
            return "\n".join((f"Write a {task.language} program.", task.specification, *tests))
        case TheoremTask():
            return f"Prove this statement in {task.prover}.\n{task.statement}"
        case ToolCallTask():
            return "\n".join((task.request, "Functions:", *(each.model_dump_json() for each in task.functions)))
        case ToolMakingTask():
            shown = (f"Question: {each.question}\nAnswer: {each.answer}" for each in task.examples)
            return "\n\n".join(("Write one Python function that answers questions like these.", *shown))
        case TextTask():
            return task.text


def values(task: Task) -> dict[str, object]:
    """The blanks that `task` fills in: `task` in words, and what its kind has of its own."""
    if isinstance(task, TranslationTask):
        return {
            "task": ask(task),
            "source": task.source,
            "source_language": language(task.source_lang),
            "target_language": language(task.target_lang),
        }
    return {"task": ask(task)}


def source(task: Task) -> str | None:
    """The text that a draft was made from, where the task has one."""
    return task.source if isinstance(task, TranslationTask) else None


TASK_BLANKS = frozenset({"task"})
TRANSLATION_BLANKS = frozenset({"task", "source", "source_language", "target_language"})
