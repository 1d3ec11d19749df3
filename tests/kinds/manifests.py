"""Manifests and an environment for tests, without templates."""

from __future__ import annotations

from reconciler.model.document import Document
from reconciler.model.environment import ClusterTarget, ClusterType, Environment, Policy
from reconciler.model.identity import ObjectRef
from reconciler.model.location import Location, Origin
from reconciler.model.manifest import Manifest
from reconciler.text.yaml import load_documents


def environment(namespaces: tuple[str, ...] = ("llm", "omnia")) -> Environment:
    return Environment(
        name="test",
        file="environments/test/environment.yaml",
        cluster=ClusterTarget(ClusterType.DIRECTORY),
        home="llm-system",
        namespaces=namespaces,
        crds=(),
        policy=Policy(),
        values=Document.of({}),
        value_origins=(),
        templates=(),
        library=(),
    )


def manifest_of(text: str, file: str = "test.yaml") -> Manifest:
    """The manifest in a text of one document."""
    stream = load_documents(text)
    assert not stream.findings, stream.findings
    (document,) = stream.documents
    body = document.value
    group, _, _ = body["apiVersion"].rpartition("/")
    metadata = body["metadata"]
    return Manifest(
        ref=ObjectRef(group, body["kind"], metadata["namespace"], metadata["name"]),
        api_version=body["apiVersion"],
        document=Document.of(body),
        origins={(): Origin(Location(file, 1))},
    )
