"""The API server refuses the same examples as admission here, and no others.

Only admission is compared: contract, lints and secret literals report what the server accepts.
"""

from __future__ import annotations

import hashlib
from importlib import resources
from pathlib import Path

import pytest

from reconciler.crds import catalogue
from reconciler.model.document import dig
from reconciler.model.finding import Severity
from reconciler.semantics.schema.crd import Crd
from reconciler.stages.validate.admission import Admission
from tests.controlplane.crds import load, regrouped
from tests.controlplane.plane import ControlPlane
from tests.kinds.examples import Example, examples
from tests.semantics.twin import Request, Twin

_REFUSED = (
    400,
    422,
    500,
)  # 500 is "failed to create typed patch object": an undeclared field


def _group(example: Example) -> tuple[str, Path]:
    """A separate group for each CRD, so that the server can serve all eras at once."""
    era = catalogue.era(example.kind.endpoint.crd_name, example.pin)
    digest = hashlib.sha256(era.path.encode()).hexdigest()[:8]
    return f"examples-{digest}.example.com", Path(
        str(resources.files("reconciler.crds"))
    ) / era.path


@pytest.fixture(scope="module")
def served(control_plane: ControlPlane) -> ControlPlane:
    control_plane.serve_eras(dict(map(_group, (*examples("valid"), *examples("invalid")))))
    return control_plane


@pytest.mark.parametrize(
    "example", [*examples("valid"), *examples("invalid")], ids=lambda e: e.name
)
def test_the_server_agrees(served: ControlPlane, example: Example) -> None:
    body = example.manifest.document.body()
    admission = Admission(example.kind, example.crd, catalogue.history)
    refused = [f for f in admission.findings(body) if f.severity is Severity.ERROR]
    group, _ = _group(example)
    endpoint = example.kind.endpoint
    body["apiVersion"] = f"{group}/{endpoint.version}"
    body["metadata"]["namespace"] = "default"

    answer = served.request(
        "PATCH",
        f"/apis/{group}/{endpoint.version}/namespaces/default/{endpoint.plural}/example",
        params={"dryRun": "All", "fieldManager": "tests", "fieldValidation": "Strict"},
        headers={"Content-Type": "application/apply-patch+yaml"},
        json=body | {"metadata": {**body["metadata"], "name": "example"}},
    )

    assert answer.status_code in ((*_REFUSED,) if refused else (200, 201)), answer.text


@pytest.mark.parametrize("example", examples("valid"), ids=lambda e: e.name)
def test_the_server_stores_what_the_engine_predicts(
    served: ControlPlane, namespace: str, example: Example
) -> None:
    """The twin compares the complete object: the spec with its defaults, and the fields that each manager owns."""
    group, path = _group(example)
    twin = Twin(served, Crd.of(regrouped(load(path), group)), namespace, "example")
    spec = example.manifest.document.body()["spec"]

    stored = twin.send(Request("apply", twin.body(spec), "tests", strict=True))

    (entry,) = dig(stored.object, "metadata", "managedFields")
    assert (entry["manager"], entry["operation"]) == ("tests", "Apply")
    assert not twin.send(Request("apply", twin.body(spec), "tests", strict=True)).changed
