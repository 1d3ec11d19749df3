"""The form of environment.yaml: pydantic stands at the border, and says what editors may offer."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator
from pydantic.alias_generators import to_camel

from reconciler.model.document import JsonObject
from reconciler.model.environment import (
    Attitude,
    ClusterType,
    FailOn,
    Level,
    OnConflict,
    OnDrift,
    Policy,
)

LABEL = r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"  # RFC 1123, as namespaces are named
Namespace = Annotated[str, Field(pattern=LABEL, max_length=63)]
_DEFAULT = Policy()
Text = Annotated[str, Field(min_length=1)]
# YAML reads a plain `off` as false.
Severities = Annotated[Level, BeforeValidator(lambda word: "off" if word is False else word)]


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
    type: ClusterType = ClusterType.DIRECTORY
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
    allowed_hosts: list[Text] | None = None
    """Hosts that base URLs and endpoints may name: `api.openai.com`, `*.example.com`, `*.svc:8000`. Any by default."""
    plain_http: Attitude = _DEFAULT.rules.plain_http
    """Plain http to a host outside of the cluster: `forbid`, `warn` or `allow`."""
    insecure_skip_verify: Attitude = _DEFAULT.rules.insecure_skip_verify
    """A TLS certificate that nobody verifies: `forbid`, `warn` or `allow`."""
    allowed_headers: list[Text] | None = None
    """Names of headers that a manifest may set, such as `X-*`. Any by default."""
    denied_headers: list[Text] = []
    """Names of headers that a manifest must not set, such as `Authorization`, also where they are allowed."""
    secret_names: list[Text] | None = None
    """Names of Secrets that a manifest may use, such as `llm-*`. Any by default."""
    reference_namespaces: list[Text] | None = None
    """Namespaces that a reference may lead to, besides the one of its own object. Any by default."""
    deprecated_fields: Severities = _DEFAULT.rules.deprecated_fields
    """Fields that a newer CRD does not have any more: `error`, `warning`, `notice` or `off`."""
    severity: dict[Text, Severities] = {}
    """How severe a rule is, by its code: `error`, `warning`, `notice` or `off`."""


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
    """What apply does with drift and conflicts, what fails a check, and what manifests may ask for."""

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
