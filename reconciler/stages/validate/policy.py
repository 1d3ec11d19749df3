"""What an environment allows: hosts, headers, Secrets, references; and how severe it finds what kinds tell.

What a manifest asks for is known by its kind (`urls`, `headers`, `secret_references`, `object_references`); what is
risky and works is told by its kind too, with a topic that the policy has a word for.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from reconciler.kind import FieldFinding, Kind, ObjectReference, Topic
from reconciler.model.document import JsonObject, dig
from reconciler.model.environment import Attitude, Environment, Level, Rules
from reconciler.model.finding import Finding, Severity
from reconciler.model.location import Location
from reconciler.model.path import FieldPath, present
from reconciler.text import urls
from reconciler.text.entropy import is_random
from reconciler.text.lines import shown
from reconciler.text.suggest import one_of

_ATTITUDE = {Attitude.FORBID: Level.ERROR, Attitude.ALLOW: Level.OFF}
_ERROR = Severity.ERROR


@dataclass(frozen=True, slots=True)
class Policy:
    """Judges objects by what an environment allows; `severity` is asked for every finding."""

    rules: Rules
    severity: Mapping[str, Level]

    @classmethod
    def of(cls, rules: Rules) -> Policy:
        return cls(rules, dict(rules.severity))

    def findings(self, kind: Kind, body: JsonObject) -> Iterator[FieldFinding]:
        """What a manifest asks for and may not have."""
        yield from self._hosts(kind, body)
        yield from self._headers(kind, body)
        yield from self._secrets(kind, body)
        yield from self._references(kind, body)

    def judged(self, finding: FieldFinding) -> FieldFinding | None:
        """A finding as the environment sees it; None when it does not want to hear of it."""
        level = self.level(finding.code, self._of_topic(finding.topic))
        if level is None:
            return finding
        return None if level is Level.OFF else replace(finding, severity=Severity(level))

    def forbids(self, finding: FieldFinding) -> bool:
        """Whether the environment itself does not want it, so that no comment elsewhere may allow it."""
        attitudes = {
            Topic.PLAIN_HTTP: self.rules.plain_http,
            Topic.INSECURE_TLS: self.rules.insecure_skip_verify,
        }
        forbidden = attitudes.get(finding.topic) is Attitude.FORBID
        return forbidden or finding.code.startswith("POL")

    def level(self, code: str, otherwise: Level | None = None) -> Level | None:
        """The severity of a code that the environment asks for."""
        return self.severity.get(code, otherwise)

    def _of_topic(self, topic: Topic) -> Level | None:
        match topic:
            case Topic.PLAIN_HTTP:
                return _ATTITUDE.get(self.rules.plain_http)
            case Topic.INSECURE_TLS:
                return _ATTITUDE.get(self.rules.insecure_skip_verify)
            case Topic.DEPRECATED:
                return self.rules.deprecated_fields
            case Topic.NONE:
                return None

    def _hosts(self, kind: Kind, body: JsonObject) -> Iterator[FieldFinding]:
        allowed = self.rules.allowed_hosts
        for url in kind.urls(body) if allowed is not None else ():
            if why := urls.ambiguity_of(url.text):
                message = f"the URL {why}, so clients may disagree on the host"
                yield FieldFinding("POL001", _ERROR, url.path, message, "write https://HOST/PATH")
            elif not any(_is_one_of(name, allowed or ()) for name in urls.host_names(url.text)):
                message = f"the environment does not allow the host {urls.host_of(url.text)[0]}"
                yield _refused("POL001", url.path, message, "allowedHosts", allowed)

    def _headers(self, kind: Kind, body: JsonObject) -> Iterator[FieldFinding]:
        allowed, denied = self.rules.allowed_headers, self.rules.denied_headers
        for header in kind.headers(body):
            message = f"the environment does not allow the header {header.text}"
            if _is_one_of(header.text, denied):
                hint = "remove it: `policy.deniedHeaders` names it"
                yield FieldFinding("POL002", _ERROR, header.path, message, hint)
            elif allowed is not None and not _is_one_of(header.text, allowed):
                yield _refused("POL002", header.path, message, "allowedHeaders", allowed)

    def _secrets(self, kind: Kind, body: JsonObject) -> Iterator[FieldFinding]:
        allowed = self.rules.secret_names
        if allowed is None:
            return
        for secret in kind.secret_names(body):
            if not any(fnmatch.fnmatchcase(secret.text, name) for name in allowed):
                shown = "this Secret" if is_random(secret.text) else f"the Secret {secret.text}"
                message = f"the environment does not allow {shown}"
                yield _refused("POL003", secret.path, message, "secretNames", allowed)

    def _references(self, kind: Kind, body: JsonObject) -> Iterator[FieldFinding]:
        for reference in kind.object_references(body):
            if self.refuses(reference, body):
                named = (*reference.path[:-1], "namespace")
                path = named if present(body, named) else reference.path
                message = f"the environment does not allow a reference into {reference.namespace}"
                allowed = self.rules.reference_namespaces
                yield _refused("POL004", path, message, "referenceNamespaces", allowed)

    def refuses(self, reference: ObjectReference, body: JsonObject) -> bool:
        """Whether a reference of an object leads to where the environment does not want it to lead."""
        allowed = self.rules.reference_namespaces
        namespace = reference.namespace
        own = dig(body, "metadata", "namespace")
        return allowed is not None and namespace != own and not _is_one_of(namespace, allowed)


def overruled(environment: Environment, found: Iterable[Finding]) -> Iterator[Finding]:
    """Where the policy softens a rule that a CRD has too: what the CRD refuses is an error all the same."""
    refused = {one.code for one in found if one.ref and one.severity is Severity.ERROR}
    for code, level in environment.policy.rules.severity:
        if level is not Level.ERROR and code in refused:
            where = _place(environment, code)
            message = f"`policy.severity` cannot change {code} here: a CRD refuses what it tells of"
            source = shown(environment.line(where))
            hint = "mend what the finding tells of"
            yield Finding("POL005", Severity.WARNING, message, where, hint=hint, source=source)


def _place(environment: Environment, code: str) -> Location:
    """Where environment.yaml names a code."""
    key = re.compile(rf"(?<!\w){re.escape(code)}(?=[\"']?[ \t]*:)")
    text = next((file.text for file in environment.files if file.path == environment.file), "")
    for number, line in enumerate(text.split("\n"), start=1):
        if found := key.search(line):
            return Location(environment.file, number, found.start() + 1, len(code))
    return Location(environment.file)


def _refused(
    code: str, path: FieldPath, message: str, key: str, allowed: Iterable[str] | None
) -> FieldFinding:
    listed = one_of(allowed or ()) or "none"
    return FieldFinding(code, _ERROR, path, message, f"`policy.{key}` allows {listed}")


def _is_one_of(name: str, globs: Iterable[str]) -> bool:
    return any(_fits(name.lower(), glob.lower()) for glob in globs)


def _fits(name: str, glob: str) -> bool:
    is_address = glob.startswith("[") and ":" in glob.partition("]")[0]  # no class of characters
    return name == glob or (not is_address and fnmatch.fnmatchcase(name, glob))
