"""The commands that a run prints. No other module builds one, so that each means what the run has shown."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from reconciler.frozen import dataclass

IN_CLUSTER: Final = "in-cluster"  # the name of the cluster of a pod, for which there is no option
_COMMIT: Final = 12  # characters of a hash, enough for any repository
_SOURCES: Final = frozenset(
    {
        *("-C", "--revision"),
        *("--git-token-file", "--git-user", "--git-key-file", "--git-known-hosts-file"),
        "--git-signers-file",
    }
)
_CLUSTER: Final = frozenset(
    {"--kubeconfig", "--context", "--cluster", "--insecure-skip-tls-verify"}
)
_RECORD: Final = _SOURCES | _CLUSTER
_OVERRIDES: Final = frozenset(
    {"--prune", "--no-prune", "--prune-limit", "--allow-rollback", "--take"}
)
# The options of each command that takes any of those of an `Invocation`.
ACCEPTED: Final[Mapping[str, frozenset[str]]] = {
    "init": frozenset({"--context"}),
    "render": _SOURCES,
    "validate": _SOURCES | {"--trust"},
    "diff": _RECORD | _OVERRIDES | {"--trust", "--only", "--full"},
    "apply": _RECORD | _OVERRIDES | {"--only", "--full"},
    "drift": _RECORD | {"--trust", "--only", "--full"},
    "stamp": _RECORD | {"--only"},
    "impact": _RECORD,
    "acknowledge": _RECORD,
    "status": _RECORD,
    "history": _RECORD,
    "unlock": _RECORD,
    "key": _RECORD,
    "hold": _RECORD,
    "release": _RECORD,
    "environments": _SOURCES,
    "rbac": _SOURCES,
    "snapshot": _RECORD,
    "notify": _RECORD | {"--trust"},
}


@dataclass(frozen=True, slots=True)
class Invocation:
    """The options of a command line that decide what a run reads; a printed command repeats those that it accepts.

    Attributes:
        repository: "" for the working directory.
        revision: as typed or, in a report, the commit that it was; "" for the working tree.
        only: addresses of `--only`.
        access: the options with the files of credentials for a repository by its URL.
        overrides: the options that override the policy in one run, each with its value.
    """

    repository: str = ""
    revision: str = ""
    trust: str = ""
    kubeconfig: str = ""
    context: str = ""
    cluster: str = ""
    insecure_skip_tls_verify: bool = False
    only: tuple[str, ...] = ()
    full: bool = False
    overrides: tuple[tuple[str, ...], ...] = ()
    access: tuple[tuple[str, str], ...] = ()

    @classmethod
    def at(cls, cluster: str) -> Invocation:
        """The options for a cluster, by its name in reports: that of a context, except for the cluster of a pod."""
        if cluster.startswith("directory:"):
            return cls(cluster=cluster)
        return cls(context="" if cluster == IN_CLUSTER else cluster)

    def of(self, commit: str) -> Invocation:
        """The same for the commit that was read, since a branch moves."""
        return replace(self, revision=commit[:_COMMIT]) if self.revision and commit else self

    def command(self, name: str, *words: str) -> str:
        """A command to copy into a shell. Its environment is the first word; an option in `words` replaces ours."""
        environment = words[:1] if words and not words[0].startswith("-") else ()
        accepted = ACCEPTED.get(name, frozenset()).difference(words)
        if "--only" in words:  # one object is not a plan in which others are deleted
            accepted -= _OVERRIDES
        options = (word for option in self._options() if option[0] in accepted for word in option)
        return shell("reconciler", name, *environment, *options, *words[len(environment) :])

    def following(self, plan: str, *words: str) -> str:
        """The command that does what a plan file says; `words` repeat the options of the plan."""
        return replace(self, only=(), overrides=()).command("apply", "--plan", plan, *words)

    def _options(self) -> Iterator[tuple[str, ...]]:
        for option, value in (
            ("-C", self.repository),
            ("--revision", self.revision),
            ("--trust", self.trust),
            ("--kubeconfig", self.kubeconfig),
            ("--context", self.context),
            ("--cluster", self.cluster),
        ):
            if value:
                yield option, value
        if self.insecure_skip_tls_verify:
            yield ("--insecure-skip-tls-verify",)
        for address in self.only:
            yield "--only", address
        if self.full:
            yield ("--full",)
        yield from self.access
        yield from self.overrides


def kubectl(options: Iterable[str], *words: str) -> str:
    """A command for the cluster that these options of kubectl select."""
    return shell("kubectl", *options, *words)


def kubectl_options(*, kubeconfig: str, insecure: bool) -> tuple[str, ...]:
    """What kubectl needs besides a context to reach the cluster that a run has read."""
    return (
        *(("--kubeconfig", kubeconfig) if kubeconfig else ()),
        *(("--insecure-skip-tls-verify",) if insecure else ()),
    )


def shell(*words: str) -> str:
    """Words as a shell reads them: whatever comes from a file, a cluster or a user is quoted."""
    return shlex.join(words)
