"""The kinds that this cluster serves: the CRDs in its folder, or the initial ones before its first write."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from reconciler.adapters.directory.builtin import builtin_crd, is_builtin
from reconciler.adapters.directory.files import Files, Signature
from reconciler.adapters.directory.layout import Layout
from reconciler.adapters.directory.yaml_file import InvalidFileError, parse
from reconciler.errors import ClusterError, RefusalReason, Refused
from reconciler.frozen import dataclass
from reconciler.model.document import JsonObject, dig
from reconciler.model.identity import Endpoint, ObjectRef
from reconciler.semantics.schema.crd import Crd, CrdVersion
from reconciler.text.yaml import dump


@dataclass(frozen=True, slots=True)
class ServedKind:
    """A kind in the version of an endpoint, with the CRD that validates its objects."""

    endpoint: Endpoint
    crd: Crd
    version: CrdVersion

    def namespace(self, name: str) -> str:
        """The namespace of an object: "" when the kind is not namespaced."""
        return name if self.crd.namespaced else ""

    def ref(self, namespace: str, name: str) -> ObjectRef:
        return ObjectRef(self.endpoint.group, self.endpoint.kind, namespace, name)


class Crds:
    """Reads a CRD on the first use of its kind, and again after its file has changed."""

    def __init__(
        self, layout: Layout, files: Files, initial: Sequence[str | Mapping[str, Any]]
    ) -> None:
        self._layout = layout
        self._files = files
        self._initial = initial
        self._initial_crds: dict[str, Crd | None] = {}
        self._cache: dict[str, tuple[Signature, Crd]] = {}

    def served(self, endpoint: Endpoint) -> ServedKind:
        """The kind of an endpoint.

        Raises:
            Refused: NO_KIND when the cluster does not serve it; FAILED when its CRD cannot be read.
        """
        crd = builtin_crd(endpoint) if is_builtin(endpoint) else self.find(endpoint)
        version = crd.version(endpoint.version) if crd else None
        if crd is None or version is None or not version.served or crd.established is False:
            raise Refused(
                RefusalReason.NO_KIND,
                "the server could not find the requested resource",
                hint=f"put its CRD into {self._layout.crds}" if endpoint.group else "",
            )
        return ServedKind(endpoint, crd, version)

    def find(self, endpoint: Endpoint) -> Crd | None:
        """The CRD of a kind, None when there is none."""
        name = endpoint.crd_name
        if not self._files.is_folder(self._layout.crds):
            return self._find_initial(name)
        path = self._layout.crd(name)
        signature = self._files.stat(path)
        if signature is None:
            return None
        if name not in self._cache or self._cache[name][0] != signature:
            file = self._files.read(path)
            if file is None:
                return None
            self._cache[name] = (file[1], _parsed(file[0], str(path)))
        return self._cache[name][1]

    def initial_texts(self) -> dict[str, str]:
        """The YAML of the initial CRDs by name, to be written into a new folder."""
        texts = {}
        for crd in self._initial:
            body = _body(crd)
            texts[str(dig(body, "metadata", "name"))] = crd if isinstance(crd, str) else dump(body)
        return texts

    def _find_initial(self, name: str) -> Crd | None:
        if name not in self._initial_crds:
            # Parsing a CRD is slow: skip the texts that do not contain the name.
            likely = [crd for crd in self._initial if not isinstance(crd, str) or name in crd]
            crds = (_established(_body(crd)) for crd in likely)
            self._initial_crds[name] = next((crd for crd in crds if crd.name == name), None)
        return self._initial_crds[name]


def _body(crd: str | Mapping[str, Any]) -> JsonObject:
    if not isinstance(crd, str):
        return dict(crd)
    try:
        return _read(crd.encode())
    except InvalidFileError as error:
        raise ClusterError(f"an initial CRD cannot be read: {error.message}") from error


def _read(content: bytes) -> JsonObject:
    """The body of a CRD. Those of the package are JSON below a comment, which is read much faster than YAML.

    Raises:
        InvalidFileError: it is no YAML with one mapping.
    """
    comment, _, rest = content.partition(b"\n")
    # An escape may stand for half a character, which only the YAML reader refuses.
    if comment.startswith(b"#") and rest.startswith(b"{") and b"\\u" not in rest:
        try:
            return dict(json.loads(rest, object_pairs_hook=_unique, parse_constant=_refuse))
        except (ValueError, RecursionError):
            pass  # YAML in braces, or a mistake, for which the YAML reader has a message
    return parse(content).body


def _unique(pairs: list[tuple[str, Any]]) -> JsonObject:
    body = dict(pairs)
    if len(body) != len(pairs):
        raise ValueError
    return body


def _refuse(_: str) -> None:
    """NaN is not JSON."""
    raise ValueError


def _established(body: JsonObject) -> Crd:
    """A CRD on an API server; it is established unless its status says otherwise."""
    crd = Crd.of(body)
    return replace(crd, established=True) if crd.established is None else crd


def _parsed(content: bytes, path: str) -> Crd:
    try:
        return _established(_read(content))
    except (InvalidFileError, ValueError) as error:
        message = error.message if isinstance(error, InvalidFileError) else str(error)
        hint = "fix the CRD, or replace it"
        raise Refused(RefusalReason.FAILED, f"{path}: {message}", hint=hint) from error
