"""Why a template did not render, as the child process reports it."""

from __future__ import annotations

from reconciler.adapters.jinja.pieces import NOWHERE, Path
from reconciler.frozen import dataclass
from reconciler.model.location import Location


@dataclass(frozen=True, slots=True)
class TemplateFinding:
    """One finding on a template.

    Attributes:
        word: the word to mark on the line; `member`: it follows a dot, or is in brackets or quotes.
        mapping: path of the mapping of the values in which a key was looked up.
        missing: path of the value that does not exist.
        location: None until it is known.
        chain: the template lines that led to `location`, outermost first.
    """

    code: str
    message: str
    hint: str = ""
    word: str = ""
    member: bool = False
    mapping: Path = ()
    missing: Path = ()
    location: Location | None = None
    chain: tuple[Location, ...] = ()


class RenderingError(Exception):
    """An error of our own filters and checks, besides those that Jinja raises.

    `location` is for an error outside the code of a template: its traceback has no line of the template.
    """

    def __init__(
        self, code: str, message: str, hint: str = "", location: Location = NOWHERE
    ) -> None:
        super().__init__(message)
        self.code, self.message, self.hint, self.location = code, message, hint, location


class OutOfTime(BaseException):
    """A template exceeded its time limit. Not an `Exception`, so that no template can catch it."""
