"""Files that a kustomization uses as patches: parts of objects, which nothing applies on their own."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator

from reconciler.model.document import Json
from reconciler.model.environment import SourceFile
from reconciler.text.yaml import load_documents

_NAMES = ("kustomization.yaml", "kustomization.yml")


def patch_paths(files: Iterable[SourceFile]) -> frozenset[str]:
    """The paths of the patches of every kustomization among the files; a patch need not be among them."""
    return frozenset(
        posixpath.normpath(posixpath.join(posixpath.dirname(file.path), path))
        for file in files
        if posixpath.basename(file.path) in _NAMES
        for document in load_documents(file.text, aliases=True).documents
        for path in _paths(document.value)
    )


def _paths(kustomization: Json) -> Iterator[str]:
    if not isinstance(kustomization, dict):
        return
    for field in ("patches", "patchesStrategicMerge", "patchesJson6902"):
        entries = kustomization.get(field)
        for entry in entries if isinstance(entries, list) else ():
            path = entry.get("path") if isinstance(entry, dict) else entry
            if isinstance(path, str):
                yield path
