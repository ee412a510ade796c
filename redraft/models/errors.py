"""What a model backend raises: one class per cause, so that retries, budgets and error records can tell them apart.

`transient` says whether the same request may succeed later; `redraft.models.retry` goes by it and by nothing else.
"""

from typing import ClassVar

from redraft.errors import RedraftError


class ModelError(RedraftError):
    """A request that brought no usable response."""

    cause: ClassVar[str] = "model_error"
    transient: ClassVar[bool] = False


class Unreachable(ModelError):
    """No connection, or one that broke: the server is down, restarting or not there."""

    cause, transient = "unreachable", True


class TimedOut(ModelError):
    """No response in time."""

    cause, transient = "timed_out", True


class RateLimited(ModelError):
    """HTTP 429. `retry_after` is the server's own wish in seconds, if it named one."""

    cause, transient = "rate_limited", True

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class ServerFault(ModelError):
    """HTTP 5xx. `retry_after` as for `RateLimited`."""

    cause, transient = "server_fault", True

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class MalformedReply(ModelError):
    """A response whose body is not what the protocol promises."""

    cause, transient = "malformed_reply", True


class BadRequest(ModelError):
    """HTTP 4xx: the server will not answer this request however often it is sent."""

    cause = "bad_request"


class PromptTooLong(BadRequest):
    """The prompt does not fit into the model's context."""

    cause = "prompt_too_long"


class Unsupported(BadRequest):
    """The backend cannot do what the request asks for, such as a grammar or log-probabilities."""

    cause = "unsupported"


class BudgetSpent(ModelError):
    """The budget of calls or tokens does not allow another request."""

    cause = "budget_spent"


class NotRecorded(ModelError):
    """A recording was asked for a request that it does not hold."""

    cause = "not_recorded"
