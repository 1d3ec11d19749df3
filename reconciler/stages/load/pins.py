"""`crds` of an environment.yaml: each pin leads to a CRD of a managed kind, and to one that can be read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from reconciler.crds import catalogue
from reconciler.errors import EnvironmentFileError
from reconciler.kind import Kind
from reconciler.model.environment import SourceFile
from reconciler.model.location import Location
from reconciler.ports import Repository
from reconciler.semantics.schema.crd import Crd
from reconciler.stages.load.file import EnvironmentFile
from reconciler.stages.load.findings import FindingCollector
from reconciler.text.suggest import did_you_mean, one_of
from reconciler.text.yaml import YamlError, load_one

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def pinned_files(
    repository: Repository, file: EnvironmentFile, kinds: Iterable[Kind], findings: FindingCollector
) -> tuple[SourceFile, ...]:
    """The CRDs that are pinned by a path of the repository; what is wrong with any pin goes to `findings`."""
    judged = tuple(kind.endpoint.crd_name for kind in kinds)
    return tuple(_pinned(repository, file, judged, findings))


def _pinned(
    repository: Repository,
    file: EnvironmentFile,
    judged: tuple[str, ...],
    findings: FindingCollector,
) -> Iterator[SourceFile]:
    for name, pin in sorted(file.form.crds.items()):
        where = file.where("crds", name)
        if name not in judged:
            hint = did_you_mean(name, judged) or f"there are {one_of(judged)}"
            message = f"`crds` pins {name}, which no manifest here is judged by"
            findings.add("E008", file.key("crds", name), message, hint)
        elif _DATE.fullmatch(pin):
            _check_date(name, pin, where, findings)
        elif not pin.endswith((".yaml", ".yml")) or pin.startswith("/") or ".." in pin.split("/"):
            message = "a pin is a date, or the path of a YAML file of the repository"
            findings.add("E008", where, message, 'such as "2026-04-19", or crds/providers.yaml')
        elif (text := repository.read(pin)) is None:
            findings.add("E008", where, f"there is no file {pin}")
        elif message := _unlike(name, pin, text):
            findings.add("E008", where, message)
        else:
            yield SourceFile(pin, text)


def _check_date(name: str, pin: str, where: Location, findings: FindingCollector) -> None:
    try:
        catalogue.era(name, pin)
    except EnvironmentFileError as error:
        findings.add("E008", where, error.message, error.hint)


def _unlike(name: str, path: str, text: str) -> str:
    """Why a file is not the CRD of a name, "" if it is."""
    try:
        body = load_one(text, path)
        crd = Crd.of(body if isinstance(body, dict) else {})
    except YamlError as error:
        return f"{error.message} ({error.where})"
    except ValueError as error:
        return f"{path}: {error}"
    return "" if crd.name == name else f"{path} is the CRD {crd.name}"
