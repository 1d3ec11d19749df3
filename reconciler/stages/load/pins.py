"""`crds` of an environment.yaml: each pin must lead to a readable CRD of a managed kind."""

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
from reconciler.stages.load.findings import LoadFindings
from reconciler.text.suggest import did_you_mean, one_of
from reconciler.text.yaml import YamlError, load_one

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def pinned_files(
    repository: Repository, file: EnvironmentFile, kinds: Iterable[Kind], findings: LoadFindings
) -> tuple[SourceFile, ...]:
    """The CRD files that are pinned by a path of the repository; `findings` gets what is wrong with any pin."""
    crd_names = tuple(kind.endpoint.crd_name for kind in kinds)
    return tuple(_pinned(repository, file, crd_names, findings))


def _pinned(
    repository: Repository,
    file: EnvironmentFile,
    crd_names: tuple[str, ...],
    findings: LoadFindings,
) -> Iterator[SourceFile]:
    for name, pin in sorted(file.form.crds.items()):
        where = file.location("crds", name)
        if name not in crd_names:
            hint = did_you_mean(name, crd_names) or f"known CRDs: {one_of(crd_names)}"
            message = f"`crds` pins {name}, which is not the CRD of a managed kind"
            findings.add("E008", message, file.key_location("crds", name), hint)
        elif _DATE.fullmatch(pin):
            _check_date(name, pin, where, findings)
        elif not pin.endswith((".yaml", ".yml")) or pin.startswith("/") or ".." in pin.split("/"):
            message = "a pin must be a date, or the path of a YAML file in the repository"
            findings.add("E008", message, where, 'such as "2026-04-19", or crds/providers.yaml')
        elif (text := repository.read(pin)) is None:
            findings.add("E008", f"there is no file {pin}", where)
        elif message := _mismatch(name, pin, text):
            findings.add("E008", message, where)
        else:
            yield SourceFile(pin, text)


def _check_date(name: str, pin: str, where: Location, findings: LoadFindings) -> None:
    try:
        catalogue.era(name, pin)
    except EnvironmentFileError as error:
        findings.add("E008", error.message, where, error.hint)


def _mismatch(name: str, path: str, text: str) -> str:
    """Why a file does not contain the CRD with a name; "" if it does."""
    try:
        body = load_one(text, path)
        crd = Crd.of(body if isinstance(body, dict) else {})
    except YamlError as error:
        return f"{error.message} ({error.where})"
    except ValueError as error:
        return f"{path}: {error}"
    return "" if crd.name == name else f"{path} contains the CRD {crd.name}"
