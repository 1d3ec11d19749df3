"""Secrets in the files themselves, whether or not an environment renders them: templates, values, environment.yaml."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from reconciler.model.environment import Environment, SourceFile
from reconciler.model.finding import Finding, Severity
from reconciler.model.location import Location
from reconciler.stages.validate.literals import LEAVES, MORE_THAN_A_NAME, in_clear_text
from reconciler.text.credentials import SHORTEST, credential_in, is_credential_field

# `key: value` of a block or a flow mapping, and `set key = "value"` of a template.
_FIELD = re.compile(
    r"""(?<![\w.-])["']?([A-Za-z][\w.-]{2,63})["']?[ \t]{0,8}[:=][ \t]{0,8}["']?([^\s"',{}\[\]]{20,512})"""
)
_SECRET = re.compile(
    r"(?m)^[ \t]{0,64}[\"']?kind[\"']?:[ \t]{0,64}[\"']?Secret[\"']?[ \t]{0,64}(?:#|\r|$)"
)
_DATA = re.compile(r"(?m)^[ \t]{0,64}(?:data|stringData):")


def in_sources(environment: Environment, told: Iterable[Finding]) -> Iterator[Finding]:
    """Findings by file and line; what a manifest's field was told of at the same line is not told again."""
    known = {
        (place.path, place.line)
        for found in told
        if found.code.startswith("SEC")
        for place in (found.where, *found.also)
    }
    for file in (*environment.templates, *environment.library, *environment.files):
        for line, code, message in _findings(file):
            if (file.path, line) not in known:
                where = Location(file.path, line)
                yield Finding(code, Severity.ERROR, message, where, hint=LEAVES)


def _findings(file: SourceFile) -> Iterator[tuple[int, str, str]]:
    for number, line in enumerate(file.text.split("\n"), start=1):
        if len(line) < SHORTEST:
            continue
        title = credential_in(line)
        if title:
            yield number, "SEC001", in_clear_text(title)
        elif any(is_credential_field(name, value) for name, value in _FIELD.findall(line)):
            yield number, "SEC002", MORE_THAN_A_NAME
    yield from _secrets(file.text)


def _secrets(text: str) -> Iterator[tuple[int, str, str]]:
    line = 1
    for document in re.split(r"(?m)^---", text):
        found = _SECRET.search(document)
        if found is not None and _DATA.search(document):
            at = line + document.count("\n", 0, found.start())
            yield at, "SEC003", "a Secret and its data stand among the sources"
        line += document.count("\n")
