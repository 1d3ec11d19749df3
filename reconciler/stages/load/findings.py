"""What is wrong with the files of an environment: all of it at once."""

from __future__ import annotations

from dataclasses import replace

from reconciler.errors import EnvironmentFileError, UnfitFile
from reconciler.model.finding import Finding, Severity, in_order, unfit
from reconciler.model.location import Location
from reconciler.ports import Repository
from reconciler.text.lines import shown
from reconciler.text.yaml import YamlFinding


class UnusableEnvironment(EnvironmentFileError):
    """environment.yaml or a values layer cannot be used; `findings` say why, at least one."""

    def __init__(self, name: str, findings: tuple[Finding, ...]) -> None:
        first = findings[0]
        more = f", and {len(findings) - 1} more" if len(findings) > 1 else ""
        message = f"the environment {name} cannot be used: {first.message}{more} [{first.code}]"
        super().__init__(message, hint=first.hint, where=str(first.where))
        self.findings = findings


class FindingCollector:
    """Collects findings with their places."""

    def __init__(self, environment: str, repository: Repository) -> None:
        self._environment, self._repository = environment, repository
        self._found: list[Finding] = []

    def add(self, code: str, where: Location, message: str, hint: str = "") -> None:
        self._found.append(Finding(code, Severity.ERROR, message, where, hint=hint))

    def text(self, path: str, missing: str = "") -> str | None:
        """A file of the repository; None for one that is no text, which is a problem, and for one that is `missing`."""
        try:
            text = self._repository.read(path)
        except UnfitFile as error:
            self._found.append(unfit(path, error))
            return None
        if text is None and missing:
            self.add("E001", Location(path), missing)
        return text

    def add_yaml_findings(self, path: str, findings: tuple[YamlFinding, ...]) -> None:
        for finding in findings:
            self.add(finding.code, finding.position.location(path), finding.message, finding.hint)

    def stop_if_any(self) -> None:
        """
        Raises:
            UnusableEnvironment: something was found.
        """
        if self._found:
            told = [replace(found, source=self._line(found.where)) for found in self._found]
            raise UnusableEnvironment(self._environment, in_order(told))

    def _line(self, where: Location) -> str:
        lines = self._lines(where.path) if where.line else []
        return shown(lines[where.line - 1].rstrip("\r")) if 0 < where.line <= len(lines) else ""

    def _lines(self, path: str) -> list[str]:
        try:
            return (self._repository.read(path) or "").split("\n")
        except UnfitFile:
            return []
