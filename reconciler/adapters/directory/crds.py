"""Which kinds this cluster serves: the CRDs in its folder, or those a new one begins with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from reconciler.adapters.directory.core import core_crd, is_core
from reconciler.adapters.directory.files import Files, Signature
from reconciler.adapters.directory.layout import Layout
from reconciler.adapters.directory.text import BrokenTextError, dump, load
from reconciler.errors import ClusterError, RefusalReason, Refused
from reconciler.model.document import JsonObject, dig
from reconciler.model.identity import Endpoint
from reconciler.semantics.schema.crd import Crd, CrdVersion


class Crds:
    """Each is read when its kind is first asked for, and again when its file has changed."""

    def __init__(
        self, layout: Layout, files: Files, given: Sequence[str | Mapping[str, Any]]
    ) -> None:
        self._layout = layout
        self._files = files
        self._given = given
        self._parsed: dict[str, Crd | None] = {}
        self._known: dict[str, tuple[Signature, Crd]] = {}

    def served(self, endpoint: Endpoint) -> tuple[Crd, CrdVersion]:
        """What judges the objects of an endpoint.

        Raises:
            Refused: NO_KIND where the cluster does not serve it; FAILED where its CRD cannot be read.
        """
        crd = core_crd(endpoint) if is_core(endpoint) else self.find(endpoint)
        version = crd.version(endpoint.version) if crd else None
        if crd is None or version is None or not version.served or crd.established is False:
            raise Refused(
                RefusalReason.NO_KIND,
                "the server could not find the requested resource",
                hint=f"put its CRD into {self._layout.crds}" if endpoint.group else "",
            )
        return crd, version

    def find(self, endpoint: Endpoint) -> Crd | None:
        """The CRD of a kind, None where there is none."""
        if not self._files.is_folder(self._layout.crds):
            return self._from_given(endpoint.crd_name)
        path = self._layout.crd(endpoint.crd_name)
        seen = self._files.look(path)
        if seen is None:
            return None
        known = self._known.get(endpoint.crd_name)
        if known is None or known[0] != seen:
            found = self._files.read(path)
            if found is None:
                return None
            known = (found[1], _crd(found[0], str(path)))
            self._known[endpoint.crd_name] = known
        return known[1]

    def texts(self) -> dict[str, str]:
        """The given CRDs by name, as they are written into a new folder."""
        texts = {}
        for given in self._given:
            body = _body(given)
            name = dig(body, "metadata", "name")
            texts[str(name)] = given if isinstance(given, str) else dump(body)
        return texts

    def _from_given(self, name: str) -> Crd | None:
        if name not in self._parsed:
            # A CRD takes long to parse and names itself: most can be passed over unparsed.
            near = [one for one in self._given if not isinstance(one, str) or name in one]
            crds = (_served(_body(one)) for one in near)
            self._parsed[name] = next((crd for crd in crds if crd.name == name), None)
        return self._parsed[name]


def _body(given: str | Mapping[str, Any]) -> JsonObject:
    if not isinstance(given, str):
        return dict(given)
    try:
        return load(given).body
    except BrokenTextError as error:
        raise ClusterError(f"a given CRD cannot be read: {error.message}") from error


def _served(body: JsonObject) -> Crd:
    """A CRD as an API server has it: established as soon as it is there, unless its status says otherwise."""
    crd = Crd.of(body)
    return replace(crd, established=True) if crd.established is None else crd


def _crd(content: bytes, path: str) -> Crd:
    try:
        return _served(load(content.decode()).body)
    except (BrokenTextError, ValueError) as error:
        message = error.message if isinstance(error, BrokenTextError) else str(error)
        raise Refused(
            RefusalReason.FAILED, f"{path}: {message}", hint="mend the CRD, or put a good one there"
        ) from error
