"""Comments that silence a finding at one location: `# reconciler: ignore CODE -- reason`.

A comment is on the line of the finding or above it, in a template (there also as
`{# reconciler: ignore CODE -- reason #}`), a values layer or environment.yaml. A finding has the line of its template
and the lines of its values; a comment at any of them silences it. What a cluster refuses cannot be silenced.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum

from reconciler.frozen import dataclass
from reconciler.model.codes import Rule
from reconciler.model.environment import Environment, SourceFile
from reconciler.model.finding import Finding, Severity
from reconciler.model.location import Location
from reconciler.text.lines import shown
from reconciler.text.suggest import did_you_mean

_COMMENT = re.compile(r"(?:\{#[-+]?|(?<!\S)#)[ \t]*reconciler:[ \t]*ignore\b([^\n]*)")
_JINJA_END = re.compile(r"[-+]?#\}")
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9]{0,7}\d")
_FORM = "write `# reconciler: ignore CODE -- why this is intended`"


class FinalReason(StrEnum):
    """Why a finding cannot be silenced, as the end of a sentence."""

    REFUSED = "a cluster would refuse the object"
    FORBIDDEN = "the policy in environment.yaml forbids it"


class _Use:
    """Whether a finding with one code was on one line, and why it cannot be silenced."""

    def __init__(self) -> None:
        self.matched = False
        self.final: FinalReason | None = None


@dataclass(frozen=True, slots=True)
class _Silence:
    """One comment: its location, its codes, and the use of each of them, which comments for the same line share."""

    where: Location
    uses: tuple[tuple[str, _Use], ...]


class Silences:
    """The silences in the files of an environment."""

    def __init__(self, environment: Environment, rules: Mapping[str, Rule]) -> None:
        self._environment, self._rules = environment, rules
        self._silences: list[_Silence] = []
        self._uses: dict[tuple[str, int, str], _Use] = {}  # by path, line and code
        self._malformed: list[Finding] = []
        for file in (*environment.templates, *environment.library, *environment.files):
            if "ignore" in file.text:  # to skip most files quickly
                self._read(file)

    def silence(self, finding: Finding, *, final: FinalReason | None) -> bool:
        """Whether a comment silences a finding. For a final finding none does; `findings` reports the comment."""
        silenced = False
        for place in (finding.where, *finding.also):
            use = self._uses.get((place.path, place.line, finding.code))
            if use is not None:
                use.final, use.matched = final or use.final, use.matched or not final
                silenced = silenced or not final
        return silenced

    def findings(
        self, is_rendered: Callable[[str], bool], *, is_complete: bool
    ) -> Iterator[Finding]:
        """What is wrong with the comments, to be called after `silence` for every finding.

        A comment is reported as unused only if its file was rendered and the environment could be
        rendered completely.
        """
        yield from self._malformed
        for silence in self._silences:
            for code, use in silence.uses:
                if use.final or self._rules[code].final:
                    reason = use.final or FinalReason.REFUSED
                    message = f"{code} cannot be silenced here: {reason}"
                    yield self._finding("IGN003", Severity.WARNING, silence.where, message)
                elif not use.matched and is_complete and is_rendered(silence.where.path):
                    yield self._unused(silence, code)

    def _unused(self, silence: _Silence, code: str) -> Finding:
        """Only a notice in a shared file: another environment may need the comment."""
        path = silence.where.path
        own = path.startswith(f"environments/{self._environment.name}/")
        shared = path.startswith(("templates/", "environments/")) and not own
        return self._finding(
            "IGN002",
            Severity.NOTICE if shared else Severity.WARNING,
            silence.where,
            f"{code} does not occur here" + (" in this environment" if shared else ""),
            "remove the comment, unless another environment needs it" if shared else "remove it",
        )

    def _read(self, file: SourceFile) -> None:
        lines = file.text.split("\n")
        following = _following_content(lines)
        for index, line in enumerate(lines):
            match = _COMMENT.search(line)
            if match is None or _is_in_quotes(line[: match.start()]):
                continue
            words, end = match[1], match.end()
            closed = _JINJA_END.search(words) if match[0].startswith("{#") else None
            if closed is not None:
                words, end = words[: closed.start()], match.start(1) + closed.end()
            alone = not line[: match.start()].strip() and not line[end:].strip()
            target = following[index + 1] if alone else index
            length = len(line[match.start() : end].rstrip())
            where = Location(file.path, index + 1, match.start() + 1, length)
            codes = self._codes(words, where)
            if codes:
                uses = [
                    (code, self._uses.setdefault((file.path, target + 1, code), _Use()))
                    for code in codes
                ]
                self._silences.append(_Silence(where, tuple(uses)))

    def _codes(self, words: str, where: Location) -> tuple[str, ...]:
        """The codes of a comment; none if it is malformed, which becomes a finding."""
        before, dashes, reason = words.partition("--")
        codes = tuple(re.findall(r"[^\s,]+", before))
        unknown = next((code for code in codes if code not in self._rules), "")
        message, hint = "", _FORM
        if not codes:
            message = "this comment has no rule to ignore"
        elif unknown and not _CODE.fullmatch(unknown):
            message = "this comment has no `--` before its reason, so it silences nothing"
        elif unknown:
            message = "this comment has a rule that does not exist"
            hint = did_you_mean(unknown, self._rules) or _FORM
        elif not dashes or not reason.strip():
            message = "this comment has no reason, so it silences nothing"
        if message:
            finding = self._finding("IGN001", Severity.WARNING, where, message, hint)
            self._malformed.append(finding)
            return ()
        return codes

    def _finding(
        self, code: str, severity: Severity, where: Location, message: str, hint: str = ""
    ) -> Finding:
        source = shown(self._environment.line(where))
        return Finding(code, severity, message, where, hint=hint, source=source)


def _is_in_quotes(before: str) -> bool:
    """Whether a quoted string is open at the end of this text, so that a comment after it is part of the string."""
    return any(before.count(quote) % 2 for quote in ('"', "'"))


def _following_content(lines: list[str]) -> list[int]:
    """For each line, and for the end, the first line from there on that is neither empty nor a comment.

    Computed from the end, once for all comments: a file may contain thousands of them.
    """
    following = [len(lines)] * (len(lines) + 1)
    inside = following[:]  # the same, if the line begins inside a Jinja comment
    for number in range(len(lines) - 1, -1, -1):
        text = lines[number].strip()
        inside[number] = _content_at(number, text, text.find("#}"), following, inside)
        following[number] = (
            _content_at(number, text, text.find("#}", 2), following, inside)
            if text.startswith("{#")
            else following[number + 1]
            if not text or text.startswith("#")
            else number
        )
    return following


def _content_at(number: int, text: str, end: int, following: list[int], inside: list[int]) -> int:
    """The same for a line with a Jinja comment that ends at an offset, or on another line if that is negative."""
    if end < 0:
        return inside[number + 1]
    return following[number + 1] if text.endswith("#}") else number
