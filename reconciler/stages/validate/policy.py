"""What an environment allows: hosts, headers, Secrets, references; and how severe it finds what kinds tell.

What a manifest asks for is known by its kind (`urls`, `headers`, `secret_references`, `object_references`); what is
risky and works is told by its kind too, with a topic that the policy has a word for.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from reconciler.kind import Finding, Kind, Topic
from reconciler.model.diagnostic import Severity
from reconciler.model.document import JsonObject, dig
from reconciler.model.environment import Attitude, Level, Rules
from reconciler.model.path import FieldPath
from reconciler.text import urls
from reconciler.text.suggest import one_of

_ATTITUDE = {Attitude.FORBID: Level.ERROR, Attitude.ALLOW: Level.OFF}
_ERROR = Severity.ERROR


@dataclass(frozen=True, slots=True)
class Policy:
    """Judges objects by what an environment allows."""

    rules: Rules

    def findings(self, kind: Kind, body: JsonObject) -> Iterator[Finding]:
        """What a manifest asks for and may not have."""
        yield from self._hosts(kind, body)
        yield from self._headers(kind, body)
        yield from self._secrets(kind, body)
        yield from self._references(kind, body)

    def judged(self, finding: Finding) -> Finding | None:
        """A finding as the environment sees it; None when it does not want to hear of it."""
        level = self.level(finding.code, self._of_topic(finding.topic))
        if level is None:
            return finding
        return None if level is Level.OFF else replace(finding, severity=Severity(level))

    def level(self, code: str, otherwise: Level | None = None) -> Level | None:
        """The severity of a code that the environment asks for."""
        return dict(self.rules.severity).get(code, otherwise)

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

    def _hosts(self, kind: Kind, body: JsonObject) -> Iterator[Finding]:
        allowed = self.rules.allowed_hosts
        for url in kind.urls(body) if allowed is not None else ():
            host, port = urls.host_of(url.text)
            names = (host, f"{host}:{port}") if port else (host,)
            if host and not any(_is_one_of(name, allowed or ()) for name in names):
                message = f"the environment does not allow the host {host}"
                yield _refused("POL001", url.path, message, "allowedHosts", allowed)

    def _headers(self, kind: Kind, body: JsonObject) -> Iterator[Finding]:
        allowed, denied = self.rules.allowed_headers, self.rules.denied_headers
        for header in kind.headers(body):
            message = f"the environment does not allow the header {header.text}"
            if _is_one_of(header.text, denied):
                hint = "remove it: `policy.deniedHeaders` names it"
                yield Finding("POL002", _ERROR, header.path, message, hint)
            elif allowed is not None and not _is_one_of(header.text, allowed):
                yield _refused("POL002", header.path, message, "allowedHeaders", allowed)

    def _secrets(self, kind: Kind, body: JsonObject) -> Iterator[Finding]:
        allowed = self.rules.secret_names
        if allowed is None:
            return
        for secret in kind.secret_references(body):
            if not any(fnmatch.fnmatchcase(secret.name, name) for name in allowed):
                path = (*secret.path.partition("[")[0].split("."), "name")
                message = f"the environment does not allow the Secret {secret.name}"
                yield _refused("POL003", path, message, "secretNames", allowed)

    def _references(self, kind: Kind, body: JsonObject) -> Iterator[Finding]:
        allowed = self.rules.reference_namespaces
        if allowed is None:
            return
        own = dig(body, "metadata", "namespace")
        for reference in kind.object_references(body):
            namespace = reference.namespace
            if namespace != own and not _is_one_of(namespace, allowed):
                path = reference.path
                message = f"the environment does not allow a reference into {namespace}"
                yield _refused("POL004", path, message, "referenceNamespaces", allowed)


def _refused(
    code: str, path: FieldPath, message: str, key: str, allowed: Iterable[str] | None
) -> Finding:
    listed = one_of(allowed or ()) or "none"
    return Finding(code, _ERROR, path, message, f"`policy.{key}` allows {listed}")


def _is_one_of(name: str, globs: Iterable[str]) -> bool:
    return any(fnmatch.fnmatchcase(name.lower(), glob.lower()) for glob in globs)
