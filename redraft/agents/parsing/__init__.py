"""Reading replies. A parser is a pure function from a reply to a value, or to `Unparsed` where it cannot be read.

No parser raises, and none falls back to a default. What a value means for a method is the method's business.
"""

from redraft.agents.parsing.code import parse_code
from redraft.agents.parsing.concepts import parse_concepts, parse_concepts_json
from redraft.agents.parsing.feedback import Feedback, parse_feedback
from redraft.agents.parsing.mqm import parse_mqm
from redraft.agents.parsing.mqm_json import parse_mqm_any, parse_mqm_json
from redraft.agents.parsing.mqm_schema import MQM_SCHEMA
from redraft.agents.parsing.preference import Preference, parse_preference
from redraft.agents.parsing.ruling import Ruling, parse_ruling, parse_ruling_json
from redraft.agents.parsing.spans import locate
from redraft.agents.parsing.text import parse_text
from redraft.agents.parsing.visible import visible

__all__ = [
    "MQM_SCHEMA",
    "Feedback",
    "Preference",
    "Ruling",
    "locate",
    "parse_code",
    "parse_concepts",
    "parse_concepts_json",
    "parse_feedback",
    "parse_mqm",
    "parse_mqm_any",
    "parse_mqm_json",
    "parse_preference",
    "parse_ruling",
    "parse_ruling_json",
    "parse_text",
    "visible",
]
