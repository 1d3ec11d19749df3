"""Findings that someone has looked at: `# reconciler: ignore CODE -- reason`, at one place, in the file itself.

The comment stands on the line of the finding or above it, in a template (`{# reconciler: ignore CODE -- reason #}` as
well), a values layer or environment.yaml. A finding knows the template line and the lines of the values that made it;
a comment at any of them counts. What a cluster refuses cannot be silenced.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from reconciler.model.codes import Rule
from reconciler.model.environment import Environment, SourceFile
from reconciler.model.finding import Finding, Severity
from reconciler.model.location import Location
from reconciler.text.lines import shown
from reconciler.text.suggest import did_you_mean

_COMMENT = re.compile(r"(?:\{#[-+]?|(?<!\S)#)[ \t]*reconciler:[ \t]*ignore\b([^\n]*)")
_JINJA_END = re.compile(r"[-+]?#\}")
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9]{0,7}\d")
_FORM = "write `# reconciler: ignore CODE -- why this is meant`"


class Final(StrEnum):
    """Why a finding cannot be silenced, as the end of a sentence."""

    REFUSED = "a cluster refuses what it tells of"
    FORBIDDEN = "the policy in environment.yaml forbids what it tells of"


@dataclass(slots=True)
class _Silence:
    """One comment: the line it is about, and which of its codes met a finding."""

    where: Location
    codes: tuple[str, ...]
    met: set[str] = field(default_factory=set)
    refused: dict[str, Final] = field(default_factory=dict)


class Silences:
    """The silences of an environment's files."""

    def __init__(self, environment: Environment, rules: Mapping[str, Rule]) -> None:
        self._environment, self._rules = environment, rules
        self._at: dict[tuple[str, int], list[_Silence]] = {}
        self._faults: list[Finding] = []
        for file in (*environment.templates, *environment.library, *environment.files):
            if "ignore" in file.text:  # which most files never say
                self._read(file)

    def take(self, found: Finding, *, final: Final | None) -> bool:
        """Whether a finding is silenced. Nobody can silence a final one; the comment that tries is told of."""
        taken = False
        for place in (found.where, *found.also):
            for silence in self._at.get((place.path, place.line), ()):
                if found.code in silence.codes:
                    if final:
                        silence.refused[found.code] = final
                    else:
                        silence.met.add(found.code)
                    taken = taken or not final
        return taken

    def told(self, rendered: Container[str], *, whole: bool) -> Iterator[Finding]:
        """What is wrong with the silences, once every finding was seen.

        `rendered` are the files that count here; unless the `whole` environment was rendered, nobody knows which
        silences are needed.
        """
        yield from self._faults
        for silence in {id(s): s for listed in self._at.values() for s in listed}.values():
            for code in silence.codes:
                if code in silence.refused or self._rules[code].final:
                    why = silence.refused.get(code, Final.REFUSED)
                    message = f"{code} cannot be silenced here: {why}"
                    yield self._diagnostic("IGN003", Severity.WARNING, silence.where, message)
                elif code not in silence.met and whole and silence.where.path in rendered:
                    yield self._unneeded(silence, code)

    def _unneeded(self, silence: _Silence, code: str) -> Finding:
        """A file that environments share may need it for another one."""
        path = silence.where.path
        own = path.startswith(f"environments/{self._environment.name}/")
        shared = path.startswith(("templates/", "environments/")) and not own
        return self._diagnostic(
            "IGN002",
            Severity.NOTICE if shared else Severity.WARNING,
            silence.where,
            f"{code} is not found here" + (" for this environment" if shared else ""),
            "remove the comment, unless another environment needs it" if shared else "remove it",
        )

    def _read(self, file: SourceFile) -> None:
        lines = file.text.split("\n")
        for index, line in enumerate(lines):
            match = _COMMENT.search(line)
            if match is None or _in_quotes(line[: match.start()]):
                continue
            words, end = match[1], match.end()
            closed = _JINJA_END.search(words) if match[0].startswith("{#") else None
            if closed is not None:
                words, end = words[: closed.start()], match.start(1) + closed.end()
            alone = not line[: match.start()].strip() and not line[end:].strip()
            about = _next(lines, index + 1) if alone else index
            length = len(line[match.start() : end].rstrip())
            where = Location(file.path, index + 1, match.start() + 1, length)
            codes = self._codes(words, where)
            if codes:
                at = self._at.setdefault((file.path, about + 1), [])
                at.append(_Silence(where, codes))

    def _codes(self, words: str, where: Location) -> tuple[str, ...]:
        """The codes of a comment; none when it cannot be read, and then that is told."""
        listed, dashes, reason = words.partition("--")
        codes = tuple(re.findall(r"[^\s,]+", listed))
        unknown = next((code for code in codes if code not in self._rules), "")
        message, hint = "", _FORM
        if not codes:
            message = "this comment names no rule to ignore"
        elif unknown and not _CODE.fullmatch(unknown):
            message = "before its reason this comment has no `--`, so it silences nothing"
        elif unknown:
            message = "this comment names a rule that does not exist"
            hint = did_you_mean(unknown, self._rules) or _FORM
        elif not dashes or not reason.strip():
            message = "this comment gives no reason, so it silences nothing"
        if message:
            fault = self._diagnostic("IGN001", Severity.WARNING, where, message, hint)
            self._faults.append(fault)
            return ()
        return codes

    def _diagnostic(
        self, code: str, severity: Severity, where: Location, message: str, hint: str = ""
    ) -> Finding:
        source = shown(self._environment.line(where))
        return Finding(code, severity, message, where, hint=hint, source=source)


def _in_quotes(before: str) -> bool:
    """Whether a text that was begun on this line is still open: what looks like a comment in it is none."""
    return any(before.count(quote) % 2 for quote in ('"', "'"))


def _next(lines: list[str], index: int) -> int:
    """The next line that is neither empty nor a comment."""
    inside = False
    for number in range(index, len(lines)):
        text = lines[number].strip()
        if inside or text.startswith("{#"):
            inside = "#}" not in text
            if text.endswith("#}") or inside:
                continue
        if text and not text.startswith("#"):
            return number
    return index
