"""The form of environment.yaml: pydantic stands at the border, and says what editors may offer."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator
from pydantic.alias_generators import to_camel

from reconciler.model.document import JsonObject
from reconciler.model.environment import ClusterType, FailOn, OnConflict, OnDrift, Policy

LABEL = r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"  # RFC 1123, as namespaces are named
Namespace = Annotated[str, Field(pattern=LABEL, max_length=63)]
_DEFAULT = Policy()
Text = Annotated[str, Field(min_length=1)]


class Form(BaseModel):
    model_config = ConfigDict(
        alias_generator=to_camel,
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        use_attribute_docstrings=True,
        validate_by_name=False,
    )


class ClusterForm(Form):
    type: ClusterType
    """`kubernetes`: a context of your kubeconfig, or in-cluster. `directory`: a folder that behaves like a cluster."""
    context: Text | None = None
    """Context of the user's own kubeconfig (kubernetes only); without one the current context, or in-cluster."""
    path: Text | None = None
    """Folder of a directory cluster, relative to the repository; `.clusters/<environment>` by default."""
    uid: Text | None = None
    """uid of the namespace kube-system, once known: another cluster behind the same context is an error."""


class PolicyForm(Form):
    on_drift: OnDrift = _DEFAULT.on_drift
    """A field that was ours and that someone else took: `reclaim` (git wins) or `refuse` (leave the object alone)."""
    on_conflict: OnConflict = _DEFAULT.on_conflict
    """A field that never was ours and that someone else owns with another value: `refuse` or `take`."""
    adopt_from: list[Text] = []
    """Field managers whose fields become ours, such as `kubectl-client-side-apply` or `helm`."""
    fail_on: list[FailOn] = [word for word in FailOn if word in _DEFAULT.fail_on]
    """What makes `diff` and `drift` end with 1, and `apply` with 6."""


class EnvironmentForm(Form):
    """One environment of the provider reconciler."""

    config_version: Literal[1]
    """Version of this format."""
    extends: list[Text] = []
    """Values layers below this environment: folders of `environments/`; a later one wins over an earlier one."""
    cluster: ClusterForm | None = None
    """Where the environment lives; without it a directory cluster at `.clusters/<environment>`."""
    home: Namespace | None = None
    """Namespace of the record, the lease and the fingerprint key; the first of `namespaces` by default."""
    namespaces: Annotated[list[Namespace], Field(min_length=1)]
    """Namespaces that the environment may write to."""
    manifests: list[Text] = []
    """Patterns of templates to render, such as `templates/flokoa/*.yaml.j2`. Those in the environment's own folder
    are always rendered; a file whose name begins with `_` is only there to be included."""
    crds: dict[Text, Text] = {}
    """Pins, by the name of a CRD: a date in the reconciler's own tree (`2026-04-19`), or the path of a file."""
    policy: PolicyForm = PolicyForm()
    """What apply does with drift and conflicts, and what fails a check."""

    @field_validator("config_version", mode="before")
    @classmethod
    def _is_number(cls, value: object) -> object:
        if isinstance(value, bool):
            raise ValueError("must be a number")  # noqa: TRY004 -- pydantic's own protocol; True equals 1
        return value


def environment_schema() -> JsonObject:
    """JSON Schema of environment.yaml, for editors."""
    schema = EnvironmentForm.model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **_tidy(schema)}


def _tidy(schema: Any) -> Any:
    """Without the titles that repeat the names, and with one line for one description."""
    if isinstance(schema, list):
        return [_tidy(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: " ".join(part.split())
        if key == "description" and isinstance(part, str)
        else _tidy(part)
        for key, part in schema.items()
        if not (key == "title" and isinstance(part, str))
    }
