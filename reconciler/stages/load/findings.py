"""Findings on the files of an environment, collected so that one run reports all of them."""

from __future__ import annotations

from dataclasses import replace

from reconciler.errors import EnvironmentFileError, UnusableFile
from reconciler.model.finding import Finding, Severity, in_order, unusable_file
from reconciler.model.location import Location
from reconciler.ports import Repository
from reconciler.text.lines import shown
from reconciler.text.yaml import YamlFinding

_MAX_FINDINGS = 100


class UnusableEnvironment(EnvironmentFileError):
    """environment.yaml or a values layer is unusable; `findings` holds the reasons, at least one."""

    def __init__(self, name: str, findings: tuple[Finding, ...]) -> None:
        first = findings[0]
        more = f", and {len(findings) - 1} more" if len(findings) > 1 else ""
        message = f"the environment {name} cannot be used: {first.message}{more} [{first.code}]"
        super().__init__(message, hint=first.hint, where=str(first.where))
        self.findings = findings


class LoadFindings:
    """Collects the findings on the files of one environment."""

    def __init__(self, environment: str, repository: Repository) -> None:
        self._environment, self._repository = environment, repository
        self._collected: list[Finding] = []

    def add(self, code: str, message: str, where: Location, hint: str = "") -> None:
        self._collected.append(Finding(code, Severity.ERROR, message, where, hint=hint))
        if len(self._collected) >= _MAX_FINDINGS:
            self.stop_if_any()  # each further one costs time, and helps nobody

    def read(self, path: str, missing: str = "") -> str | None:
        """The text of a file, None where it has none.

        A file that is not text is a finding. So is one that does not exist, if a message for it is passed as `missing`.
        """
        try:
            text = self._repository.read(path)
        except UnusableFile as error:
            self._collected.append(unusable_file(path, error))
            return None
        if text is None and missing:
            self.add("E001", missing, Location(path))
        return text

    def add_yaml_findings(self, path: str, findings: tuple[YamlFinding, ...]) -> None:
        for finding in findings:
            self.add(finding.code, finding.message, finding.position.location(path), finding.hint)

    def stop_if_any(self) -> None:
        """
        Raises:
            UnusableEnvironment: there is a finding.
        """
        if self._collected:
            findings = [replace(f, source=self._line(f.where)) for f in self._collected]
            raise UnusableEnvironment(self._environment, in_order(findings))

    def _line(self, where: Location) -> str:
        lines = self._lines(where.path) if where.line else []
        return shown(lines[where.line - 1].rstrip("\r")) if 0 < where.line <= len(lines) else ""

    def _lines(self, path: str) -> list[str]:
        try:
            return (self._repository.read(path) or "").split("\n")
        except UnusableFile:
            return []
