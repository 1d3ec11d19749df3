"""The CRDs of `--crds`, which replace the pinned and the newest ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from reconciler.errors import RepositoryError, UsageError
from reconciler.kind import Kind
from reconciler.model.document import JsonObject
from reconciler.model.environment import SourceFile
from reconciler.model.identity import GroupKind
from reconciler.semantics.schema.crd import Crd
from reconciler.stages.validate.crds import CrdInUse
from reconciler.text.suggest import one_of
from reconciler.text.yaml import load_documents

_KIND = "CustomResourceDefinition"


def crds_in(paths: Iterable[str], kinds: Mapping[GroupKind, Kind]) -> Mapping[GroupKind, CrdInUse]:
    """The CRDs of managed kinds in files and folders; all other objects are ignored.

    Raises:
        UsageError: there is no such CRD, two are of one kind, or one is malformed.
        RepositoryError: a file cannot be read.
    """
    crds: dict[GroupKind, CrdInUse] = {}
    paths = tuple(paths)
    for file, body in _crds(paths):
        try:
            crd = Crd.of(body)
        except ValueError as error:
            raise UsageError(f"--crds: {error}", where=file) from None
        if crd.group_kind not in kinds:
            continue
        if crd.group_kind in crds:
            raise UsageError(
                f"--crds: {crds[crd.group_kind].label} contains {crd.name} too",
                hint="name only one of the two files",
                where=file,
            )
        crds[crd.group_kind] = CrdInUse(crd, file)
    if paths and not crds:
        raise UsageError(
            f"--crds {paths[0]}: it contains no CRD of a managed kind",
            hint=f"managed kinds have {one_of(kind.endpoint.crd_name for kind in kinds.values())}",
        )
    return crds


def _crds(paths: tuple[str, ...]) -> Iterator[tuple[str, JsonObject]]:
    for path in paths:
        for file in _files(path):
            if _KIND not in file.text:
                continue
            stream = load_documents(file.text, aliases=True)
            for fault in stream.errors:
                where = str(fault.position.location(file.path))
                raise UsageError(f"--crds: {fault.message}", hint=fault.hint, where=where)
            for document in stream.documents:
                if isinstance(document.value, dict) and document.value.get("kind") == _KIND:
                    yield file.path, document.value


def _files(path: str) -> tuple[SourceFile, ...]:
    import io

    from reconciler.adapters.sources.named import read_named

    if not Path(path).exists():
        raise RepositoryError("--crds: there is no such file or folder", where=path)
    read = read_named([path], io.BytesIO(), lambda text: _KIND in text)
    if read.findings:
        broken = read.findings[0]
        raise UsageError(f"--crds: {broken.message}", hint=broken.hint, where=str(broken.where))
    return read.files
