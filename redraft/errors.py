"""What redraft raises at a person: a bad command, configuration or installation, in one sentence saying what to do.

What goes wrong with one item is not raised: it is data (`redraft.schema.Failure`, `redraft.schema.Unparsed`).
What a model backend raises is in `redraft.models.errors`.
"""


class RedraftError(Exception):
    """Base of everything redraft raises on purpose."""


class ConfigError(RedraftError):
    """A method, setting, model string, prompt or file that cannot be used as given."""


class MissingExtra(ConfigError):
    """An optional part that is not installed; the message carries the line to type."""

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(what, extra)  # So that it can be sent to another process.
        self.extra = extra

    def __str__(self) -> str:
        what, extra = self.args
        return f"{what} is not installed: pip install 'redraft[{extra}]'"
