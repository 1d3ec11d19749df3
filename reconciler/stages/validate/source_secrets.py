"""Secrets in the files of an environment, rendered or not: templates, values layers, environment.yaml."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from reconciler.model.environment import Environment, SourceFile
from reconciler.model.finding import Finding, Severity
from reconciler.model.location import Location
from reconciler.stages.validate.secret_literals import HINT, IN_CREDENTIAL_FIELD
from reconciler.text.credentials import SHORTEST, credential_in, is_credential_field

# `key: value` of a block or a flow mapping, and `set key = "value"` of a template.
_FIELD = re.compile(
    r"""(?<![\w.-])["']?([A-Za-z][\w.-]{2,63})["']?[ \t]{0,8}[:=][ \t]{0,8}["']?([^\s"',{}\[\]]{20,512})"""
)
_SECRET = re.compile(
    r"(?m)^[ \t]{0,64}[\"']?kind[\"']?:[ \t]{0,64}[\"']?Secret[\"']?[ \t]{0,64}(?:#|\r|$)"
)
_SECRET_FIELDS = re.compile(r"(?m)^[ \t]{0,64}(?:data|stringData):")


def source_findings(environment: Environment, reported: Iterable[Finding]) -> Iterator[Finding]:
    """Findings by file and line, except on lines whose secret is among the `reported` findings on manifests."""
    known = {
        (place.path, place.line)
        for finding in reported
        if finding.code.startswith("SEC")
        for place in (finding.where, *finding.also)
    }
    for file in (*environment.templates, *environment.library, *environment.files):
        for line, code, message in _secrets(file):
            if (file.path, line) not in known:
                where = Location(file.path, line)
                yield Finding(code, Severity.ERROR, message, where, hint=HINT)


def _secrets(file: SourceFile) -> Iterator[tuple[int, str, str]]:
    for number, line in enumerate(file.text.split("\n"), start=1):
        if len(line) < SHORTEST:
            continue
        title = credential_in(line)
        if title:
            yield number, "SEC001", f"{title} in clear text"
        elif any(is_credential_field(name, value) for name, value in _FIELD.findall(line)):
            yield number, "SEC002", IN_CREDENTIAL_FIELD
    yield from _secret_manifests(file.text)


def _secret_manifests(text: str) -> Iterator[tuple[int, str, str]]:
    line = 1
    for document in re.split(r"(?m)^---", text):
        kind = _SECRET.search(document)
        if kind is not None and _SECRET_FIELDS.search(document):
            at = line + document.count("\n", 0, kind.start())
            yield at, "SEC003", "the repository contains a Secret with its data"
        line += document.count("\n")
