"""The policy of an environment: which hosts, headers, Secrets and references it allows, and how severe findings are.

Kinds extract what the policy restricts (`urls`, `headers`, `secret_names`, `object_references`). Kinds also report what
works but is risky, with a topic that the policy has a setting for.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from reconciler.frozen import dataclass
from reconciler.kind import FieldFinding, Kind, ObjectReference, Topic
from reconciler.model.document import JsonObject, dig
from reconciler.model.environment import Attitude, Environment, Level, ManifestPolicy
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
class PolicyCheck:
    """Checks objects, and sets the severities of findings: `severity` has those of single codes."""

    policy: ManifestPolicy
    severity: Mapping[str, Level]

    @classmethod
    def of(cls, policy: ManifestPolicy) -> PolicyCheck:
        return cls(policy, dict(policy.severity))

    def findings(self, kind: Kind, body: JsonObject) -> Iterator[FieldFinding]:
        """What a manifest contains and the environment does not allow."""
        yield from self._hosts(kind, body)
        yield from self._headers(kind, body)
        yield from self._secrets(kind, body)
        yield from self._references(kind, body)

    def adjusted(self, finding: FieldFinding) -> FieldFinding | None:
        """A finding with the severity that the environment sets; None if it turns the rule off."""
        level = self.level(finding.code, self._topic_level(finding.topic))
        if level is None:
            return finding
        return None if level is Level.OFF else replace(finding, severity=Severity(level))

    def forbids(self, finding: FieldFinding) -> bool:
        """Whether the policy forbids what the finding is about, so that no comment can silence it."""
        if finding.topic is Topic.HOSTS:
            return self.policy.allowed_hosts is not None
        attitudes = {
            Topic.PLAIN_HTTP: self.policy.plain_http,
            Topic.INSECURE_TLS: self.policy.insecure_skip_verify,
        }
        forbidden = attitudes.get(finding.topic) is Attitude.FORBID
        return forbidden or finding.code.startswith("POL")

    def level(self, code: str, default: Level | None = None) -> Level | None:
        """The severity that the environment sets for a code."""
        return self.severity.get(code, default)

    def _topic_level(self, topic: Topic) -> Level | None:
        match topic:
            case Topic.PLAIN_HTTP:
                return _ATTITUDE.get(self.policy.plain_http)
            case Topic.INSECURE_TLS:
                return _ATTITUDE.get(self.policy.insecure_skip_verify)
            case Topic.DEPRECATED:
                return self.policy.deprecated_fields
            case Topic.HOSTS | Topic.NONE:
                return None

    def _hosts(self, kind: Kind, body: JsonObject) -> Iterator[FieldFinding]:
        allowed = self.policy.allowed_hosts
        for url in kind.urls(body) if allowed is not None else ():
            if reason := urls.ambiguity_of(url.text):
                message = f"the URL {reason}, so clients may disagree on the host"
                yield FieldFinding("POL001", _ERROR, url.path, message, "write https://HOST/PATH")
            elif not any(_matches_any(name, allowed or ()) for name in urls.host_names(url.text)):
                message = f"the environment does not allow the host {urls.host_of(url.text)[0]}"
                yield _not_allowed("POL001", url.path, message, "allowedHosts", allowed)

    def _headers(self, kind: Kind, body: JsonObject) -> Iterator[FieldFinding]:
        allowed, denied = self.policy.allowed_headers, self.policy.denied_headers
        for header in kind.headers(body):
            message = f"the environment does not allow the header {header.text}"
            if _matches_any(header.text, denied):
                hint = "remove it: `policy.deniedHeaders` has it"
                yield FieldFinding("POL002", _ERROR, header.path, message, hint)
            elif allowed is not None and not _matches_any(header.text, allowed):
                yield _not_allowed("POL002", header.path, message, "allowedHeaders", allowed)

    def _secrets(self, kind: Kind, body: JsonObject) -> Iterator[FieldFinding]:
        allowed = self.policy.secret_names
        if allowed is None:
            return
        for secret in kind.secret_names(body):
            if not any(fnmatch.fnmatchcase(secret.text, glob) for glob in allowed):
                noun = "this Secret" if is_random(secret.text) else f"the Secret {secret.text}"
                message = f"the environment does not allow {noun}"
                yield _not_allowed("POL003", secret.path, message, "secretNames", allowed)

    def _references(self, kind: Kind, body: JsonObject) -> Iterator[FieldFinding]:
        for reference in kind.object_references(body):
            if self.refuses(reference, body):
                explicit = (*reference.path[:-1], "namespace")
                path = explicit if present(body, explicit) else reference.path
                message = f"the environment does not allow a reference into {reference.namespace}"
                allowed = self.policy.reference_namespaces
                yield _not_allowed("POL004", path, message, "referenceNamespaces", allowed)

    def refuses(self, reference: ObjectReference, body: JsonObject) -> bool:
        """Whether a reference of an object leads to a namespace that the environment does not allow."""
        allowed = self.policy.reference_namespaces
        namespace = reference.namespace
        own = dig(body, "metadata", "namespace")
        return allowed is not None and namespace != own and not _matches_any(namespace, allowed)


def overruled(environment: Environment, findings: Iterable[Finding]) -> Iterator[Finding]:
    """Where the policy lowers the severity of a rule that the CRD has too, and the CRD refuses an object."""
    refused = {f.code for f in findings if f.ref and f.severity is Severity.ERROR}
    for code, level in environment.policy.manifests.severity:
        if level is not Level.ERROR and code in refused:
            where = key_location(environment, code)
            message = f"`policy.severity` cannot change {code} here: a CRD refuses the object too"
            source = shown(environment.line(where))
            hint = f"correct what {code} reports"
            yield Finding("POL005", Severity.WARNING, message, where, hint=hint, source=source)


def key_location(environment: Environment, code: str) -> Location:
    """The location of a key in environment.yaml, such as a code."""
    key = re.compile(rf"(?<!\w){re.escape(code)}(?=[\"']?[ \t]*:)")
    text = next((file.text for file in environment.files if file.path == environment.file), "")
    for number, line in enumerate(text.split("\n"), start=1):
        if match := key.search(line):
            return Location(environment.file, number, match.start() + 1, len(code))
    return Location(environment.file)


def _not_allowed(
    code: str, path: FieldPath, message: str, key: str, allowed: Iterable[str] | None
) -> FieldFinding:
    listed = one_of(allowed or ()) or "none"
    return FieldFinding(code, _ERROR, path, message, f"`policy.{key}` allows {listed}")


def _matches_any(name: str, globs: Iterable[str]) -> bool:
    return any(_matches(name.lower(), glob.lower()) for glob in globs)


def _matches(name: str, glob: str) -> bool:
    is_address = glob.startswith("[") and ":" in glob.partition("]")[0]  # not a character class
    return name == glob or (not is_address and fnmatch.fnmatchcase(name, glob))
