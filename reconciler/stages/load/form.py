"""The form of environment.yaml, as pydantic models. Editors show the docstrings of their fields."""

from __future__ import annotations

import ast
import inspect
import re
from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    field_validator,
)
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from reconciler.model.document import JsonObject
from reconciler.model.environment import (
    Attitude,
    ClusterType,
    ExtraFields,
    FailOn,
    Level,
    Mode,
    OnConflict,
    OnDrift,
    OnRotation,
    Policy,
    PruneConsumers,
    Unmanaged,
)

LABEL = r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"  # RFC 1123, as for names of namespaces
Namespace = Annotated[str, Field(pattern=LABEL, max_length=63)]
_DEFAULT = Policy()
Text = Annotated[str, Field(min_length=1)]
# YAML reads `off` without quotes as false.
Severity = Annotated[Level, BeforeValidator(lambda word: "off" if word is False else word)]


class Form(BaseModel):
    model_config = ConfigDict(
        alias_generator=to_camel,
        defer_build=True,  # each is built as a part of EnvironmentForm
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        validate_by_name=False,
    )


class ClusterForm(Form):
    type: ClusterType = ClusterType.DIRECTORY
    """`kubernetes`: a context of your kubeconfig, or in-cluster. `directory`: a folder that behaves like a cluster."""
    context: Text | None = None
    """Context of your own kubeconfig (kubernetes only); by default its current context, or in-cluster."""
    path: Text | None = None
    """Folder of a directory cluster, relative to the repository; `.clusters/<environment>` by default."""
    uid: Text | None = None
    """uid of the namespace kube-system, if you know it: a context that leads to another cluster is then an error."""
    in_cluster: bool = True
    """In a pod without a kubeconfig, its own account is used, whatever `context` says. `false`: never."""


class IgnoreForm(Form):
    field: Text
    """A pattern of their paths, such as `spec.defaults.*`. A field that decides where prompts and keys go (a URL, a
    header, a credential) is ignored only if it is named without a wildcard."""
    manager: Text | None = None
    """A pattern of the field managers that may hold them, such as `cost-controller`; any by default."""
    kind: Text | None = None
    """The kind of the objects, such as `Provider`; every kind by default."""


class PruneForm(Form):
    max_objects: Annotated[int, Field(ge=1, le=100_000, strict=True)] = _DEFAULT.prune.max_objects
    """A run that would delete more objects deletes none."""
    max_percent: Annotated[int, Field(ge=1, le=100, strict=True)] = _DEFAULT.prune.max_percent
    """The same, as a share of the objects on record, rounded up."""
    consumers: PruneConsumers = _DEFAULT.prune.consumers
    """An object that consumers use, or that consumers which could not be listed may use: `refuse`, `allow-unlisted`
    or `allow`."""


class PolicyForm(Form):
    on_drift: OnDrift = _DEFAULT.on_drift
    """A field of ours that another field manager took: `reclaim` (git wins) or `refuse` (leave the object alone)."""
    on_conflict: OnConflict = _DEFAULT.on_conflict
    """A field that was never ours and that another field manager owns with another value: `refuse` or `take`."""
    on_rotation: OnRotation = _DEFAULT.on_rotation
    """A provider whose key was rotated: `report`, or `stamp` (apply makes its operator reconcile by an annotation)."""
    adopt_from: list[Text] = []
    """Field managers whose fields become ours, such as `kubectl-client-side-apply` or `helm`."""
    fail_on: list[FailOn] = [word for word in FailOn if word in _DEFAULT.fail_on]
    """What fails `drift`. `missing-secret` and `extra-fields` also fail `diff` and `apply`; `not-ready` and `held` also
    fail `apply`."""
    extra_fields: ExtraFields | dict[Text, ExtraFields] = {}
    """Fields that others added to an object of ours: `report`, `fail`, or `remove` (`apply` takes them out). One word,
    or a word by glob of a field, such as `spec.headers.*`; the first match decides. By default `fail` for fields that
    decide where prompts and keys go, and `report` for others."""
    ignore: list[IgnoreForm] = []
    """Fields that are left to other field managers: neither drift nor extra fields, and `apply` does not write them."""
    unmanaged: Unmanaged = _DEFAULT.unmanaged
    """Objects of managed kinds in the namespaces of the environment that are neither in git nor ours: `ignore`,
    `report` or `fail`."""
    prune: StrictBool | PruneForm = False
    """Whether `apply` deletes the objects that it applied and that git no longer has; a mapping sets its limits."""
    allowed_hosts: list[Text] | None = None
    """Hosts of base URLs and endpoints: `api.openai.com`, `*.example.com`, `*.svc:8000`. Any by default."""
    plain_http: Attitude = _DEFAULT.manifests.plain_http
    """Plain http to a host outside the cluster: `forbid`, `warn` or `allow`."""
    insecure_skip_verify: Attitude = _DEFAULT.manifests.insecure_skip_verify
    """TLS without verification of the certificate: `forbid`, `warn` or `allow`."""
    allowed_headers: list[Text] | None = None
    """Names of headers that a manifest may set, such as `X-*`. Any by default."""
    denied_headers: list[Text] = []
    """Names of headers that a manifest must not set, such as `Authorization`, even if `allowedHeaders` has them."""
    shown_headers: list[Text] = []
    """Names of headers whose values reports show, such as `X-Team`, besides harmless ones such as `Content-Type`. The
    values of all others are masked, and those of headers that are named like a credential always."""
    secret_names: list[Text] | None = None
    """Names of Secrets that a manifest may refer to, such as `llm-*`. Any by default."""
    reference_namespaces: list[Text] | None = None
    """Namespaces that a reference may lead to, besides that of its own object. Any by default."""
    deprecated_fields: Severity = _DEFAULT.manifests.deprecated_fields
    """Fields that a newer CRD no longer has: `error`, `warning`, `notice` or `off`."""
    severity: dict[Text, Severity] = {}
    """The severity of a rule, by its code: `error`, `warning`, `notice` or `off`."""


def _variable(name: str) -> str:
    """Only variables with this prefix, so that a file of the repository cannot send any other variable to a URL."""
    if not re.fullmatch(r"RECONCILER_[A-Z0-9_]+", name):
        raise PydanticCustomError("variable", "must be the name of a variable, RECONCILER_...")
    return name


def _secret_file(path: str) -> str:
    if not path.startswith("/") or ".." in path.split("/") or not path.isprintable():
        raise PydanticCustomError("secret_file", "must be the whole path of a file, /...")
    return path


def _public_url(url: str) -> str:
    if not re.fullmatch(r"https://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._/-]*)?", url):
        raise PydanticCustomError("public_url", "must be an https URL without credentials or query")
    return url


class UrlForm(Form):
    """The URL of a webhook is a secret, so it is never in the repository."""

    variable: Annotated[Text, AfterValidator(_variable)] | None = None
    """The environment variable that holds the URL, such as `RECONCILER_SLACK`."""
    file: Annotated[Text, AfterValidator(_secret_file)] | None = None
    """The file that holds the URL, such as `/var/run/secrets/slack`."""


class IssueForm(Form):
    forge: Literal["github", "gitlab", "gitea", "forgejo"]
    """Its token is in GITHUB_TOKEN, GITLAB_TOKEN, GITEA_TOKEN or FORGEJO_TOKEN."""
    repository: Text
    """`owner/name`, at GitLab `group/project`."""
    api_url: Annotated[Text, AfterValidator(_public_url)] | None = None
    """Of the API, such as `https://gitlab.example.com/api/v4`; the public one by default."""


class NotifyForm(Form):
    issue: IssueForm | None = None
    """Keep one issue up to date: open while something needs attention."""
    webhook: UrlForm | None = None
    """JSON for any program."""
    slack: UrlForm | None = None
    """An incoming webhook of Slack."""
    teams: UrlForm | None = None
    """A webhook of Teams Workflows."""
    events: StrictBool = False
    """Events of Kubernetes on the objects concerned; their role needs `create` on events."""


class EnvironmentForm(Form):
    """One environment of the provider reconciler."""

    # Built at import, since environments are loaded in several threads.
    model_config = ConfigDict(defer_build=False)

    config_version: Literal[1]
    """Version of this format."""
    extends: list[Text] = []
    """Values layers below this environment: folders of `environments/`; a later one wins over an earlier one."""
    cluster: ClusterForm | None = None
    """The cluster of the environment; by default a directory cluster at `.clusters/<environment>`."""
    mode: Mode = Mode.APPLY
    """Who applies it: `apply`, this program; `observe`, another tool, whose fields are only compared with git."""
    manager: Text | None = None
    """With `mode: observe`, the field manager of that tool: `argocd-controller`, `kustomize-controller`."""
    home: Namespace | None = None
    """Namespace of the record and the fingerprint key; the first of `namespaces` by default."""
    namespaces: Annotated[list[Namespace], Field(min_length=1)]
    """Namespaces that the environment may write to."""
    after: list[Text] = []
    """Environments that come before this one: `apply` writes them first, and refuses a revision here that they have not
    applied and found in sync."""
    manifests: list[Text] = []
    """Patterns of templates to render, such as `templates/flokoa/*.yaml.j2`. Templates in the environment's own folder
    are always rendered; a file whose name begins with `_` can only be included."""
    crds: dict[Text, Text] = {}
    """Pins, by the name of a CRD: the date of a CRD that comes with the reconciler (`2026-04-19`), or a file path."""
    notify: NotifyForm = NotifyForm()
    """Where `reconciler notify` tells what is new, changed or resolved."""
    policy: PolicyForm = PolicyForm()
    """What apply does about drift and conflicts, what fails a run, and what manifests may contain."""

    @field_validator("config_version", mode="before")
    @classmethod
    def _is_number(cls, value: object) -> object:
        if isinstance(value, bool):
            raise ValueError("must be a number")  # noqa: TRY004 -- pydantic's own protocol; True equals 1
        return value


def environment_schema() -> JsonObject:
    """JSON Schema of environment.yaml, for editors."""
    schema = EnvironmentForm.model_json_schema(by_alias=True)
    for part in (schema, *schema["$defs"].values()):
        if "properties" in part:
            _describe(part["properties"], form=globals()[part["title"]])
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **_tidy(schema)}


def _describe(properties: JsonObject, form: type[Form]) -> None:
    """Add the docstrings of the fields of a form. `use_attribute_docstrings` reads the source at every start."""
    [definition] = ast.parse(inspect.getsource(form)).body
    assert isinstance(definition, ast.ClassDef)  # noqa: S101 -- the source of a class
    for field, text in pairwise(definition.body):
        match field, text:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(ast.Constant(str(description))):
                described = properties[to_camel(name)] | {"description": description}
                properties[to_camel(name)] = dict(sorted(described.items()))


def _tidy(schema: Any) -> Any:
    """The schema without titles, which only repeat the names, and with each description on one line."""
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
