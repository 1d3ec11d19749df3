"""A target takes any bytes. Whatever escapes it is a bug; what its parser documents does not."""

from __future__ import annotations

import base64
import gzip
import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from reconciler.adapters.directory.snapshot import read_snapshot
from reconciler.adapters.kubernetes import kubeconfig
from reconciler.adapters.redactor import SecretRedactor
from reconciler.cli.delivery.redaction import cleaned
from reconciler.crds.facts import facts
from reconciler.errors import ExitCode, ReconcilerError
from reconciler.model.document import canonical
from reconciler.model.marks import tool_of
from reconciler.model.record.config_map import DATA_KEY, from_config_map, with_record
from reconciler.model.record.stored import UnreadableRecord
from reconciler.model.revision import Revision
from reconciler.model.run import EnvironmentRun, Run
from reconciler.model.sealed import SealedPlan
from reconciler.model.verbs import DIFF
from reconciler.report import Style
from reconciler.reports import FORMATS
from reconciler.reports._chat import BODIES
from reconciler.reports._forge_issue import issue_marker, issue_of
from reconciler.reports._news import news, state_from, state_text
from reconciler.reports._plan import plan_from_json, plan_json
from reconciler.reports.json import run_from_json
from reconciler.semantics.ownership.fieldset import FieldSet
from reconciler.semantics.ownership.managed_fields import entries
from reconciler.semantics.schema.crd import Crd
from reconciler.text.foreign import masked_value
from reconciler.text.yaml import dump, load_documents, load_one

ROOT = Path(__file__).parents[2]
_ORIGIN = "a/b c at 0123456, 2026-01-01, Apache-2.0"
_HOME = Path(tempfile.mkdtemp(prefix="fuzz-"))


def read_yaml(raw: bytes) -> None:
    """What is read can be written, and is then the same."""
    text = raw.decode("utf-8", "replace")
    stream = load_documents(text, aliases=True)
    for finding in stream.findings:
        assert finding.message, finding
        assert finding.position.line >= 1, finding
    for document in stream.documents:
        assert load_one(dump(document.value), "again") == document.value
    with suppress(ReconcilerError):
        load_one(text, "the file")


def read_record(raw: bytes) -> None:
    """What is read can be stored, and is then the same."""
    packed = base64.b64encode(gzip.compress(raw, mtime=0)).decode()
    with suppress(UnreadableRecord):
        record = from_config_map({"binaryData": {DATA_KEY: packed}}, "prod")
        assert record is not None
        assert from_config_map(with_record({}, record), "prod") == record


def read_packed_record(raw: bytes) -> None:
    with suppress(UnreadableRecord):
        from_config_map({"binaryData": {DATA_KEY: raw.decode("latin-1")}}, "prod")


def read_report(raw: bytes) -> None:
    """What is read can be masked, rendered and told."""
    with suppress(ReconcilerError):
        run = cleaned(run_from_json(raw.decode("utf-8", "replace")), SecretRedactor())
        for each in FORMATS.values():
            each.render(run, Style())
        fresh = news(run, {})
        for body in BODIES.values():
            body(run, fresh).encode()
        for environment in run.environments:
            alone = replace(run, environments=(environment,))
            issue_marker(alone).encode()
            issue_of(alone, "", is_open=False)


def read_state(raw: bytes) -> None:
    """What was delivered: what is read can be written, and is then the same."""
    text = raw.decode("utf-8", "replace")
    # The text of an issue, in which anybody may write.
    issue_of(_FINE, text, is_open=True, now=_NOW)
    with suppress(ReconcilerError):
        state = state_from(text)
        assert state_from(state_text(state)) == state
        news(_FINE, state, now=_NOW)


def read_snapshot_of(raw: bytes) -> None:
    """The file of an object in a snapshot."""
    folder = _HOME / "snapshot"
    file = folder / "objects/llm/secret/a.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    (folder / "snapshot.json").write_text(_SNAPSHOT)
    file.write_bytes(raw)
    with suppress(ReconcilerError):
        for document in read_snapshot(folder).objects:
            body = document.body()
            entries(body)
            masked_value(body)
            tool_of(body)


def read_plan(raw: bytes) -> None:
    """What is read can be written, and is then the same."""
    with suppress(ReconcilerError):
        plan = plan_from_json(raw.decode("utf-8", "replace"))
        assert plan_from_json(plan_json(plan)) == plan


def read_fields(raw: bytes) -> None:
    """FieldsV1: what is read can be written, and is then the same."""
    body = _json(raw)
    if isinstance(body, dict):
        with suppress(ValueError):
            owned = FieldSet.from_fields_v1(body)
            assert FieldSet.from_fields_v1(owned.to_fields_v1()) == owned
    entries({"metadata": {"managedFields": body}})
    entry = {"manager": "a", "operation": "Apply", "apiVersion": "v1", "fieldsType": "FieldsV1"}
    entries({"metadata": {"managedFields": [entry | {"fieldsV1": body}]}})


def read_crd(raw: bytes) -> None:
    """A CRD as the server sends it, and as a file of facts."""
    body = _json(raw)
    if isinstance(body, dict):
        with suppress(ValueError):
            Crd.of(body)
    with suppress(ValueError, ReconcilerError):
        facts(raw.decode("utf-8", "replace"), origin=_ORIGIN)


def read_kubeconfig(raw: bytes) -> None:
    """No plugin runs: the account is chosen, not loaded."""
    path = _HOME / "kubeconfig"
    path.touch(mode=0o600)
    path.write_bytes(raw)
    with suppress(ReconcilerError):
        kubeconfig.find(
            kubeconfig.KubeconfigChoice(kubeconfig=str(path)), SecretRedactor(), environ={}
        )


def _json(raw: bytes) -> Any:
    """As the answers of a server are read: no NaN, and no half of a surrogate pair."""
    try:
        body = json.loads(raw)
        canonical(body).encode()
    except (ValueError, RecursionError):
        return None
    return body


TARGETS: dict[str, Callable[[bytes], None]] = {
    "yaml": read_yaml,
    "record": read_record,
    "packed-record": read_packed_record,
    "report": read_report,
    "state": read_state,
    "snapshot": read_snapshot_of,
    "plan": read_plan,
    "fields": read_fields,
    "crd": read_crd,
    "kubeconfig": read_kubeconfig,
}


def seeds(name: str) -> Iterator[bytes]:
    """Valid inputs of a target, from which a fuzzer begins."""
    yield from _WRITTEN.get(name, ())
    match name:
        case "yaml":
            yield from _contents("tests/kinds/*/valid/*.yaml", "environments/**/*.yaml")
        case "record":
            stored = load_one((ROOT / "tests/model/testdata/record.v1.yaml").read_text(), "it")
            yield gzip.decompress(base64.b64decode(stored["binaryData"][DATA_KEY]))
        case "report":
            yield from _contents("tests/reports/golden/*.json")
        case "state":
            failing = run_from_json((ROOT / "tests/reports/golden/drift.json").read_text())
            yield state_text(news(failing, {}).state).encode()
            yield (issue_of(failing, "", is_open=False) or ("", "", False))[1].encode()
        case "crd":
            yield from _contents("reconciler/crds/flokoa/models.*.yaml")
            yield from _contents("tests/semantics/testdata/sink.yaml")


def _contents(*patterns: str) -> Iterator[bytes]:
    for pattern in patterns:
        for path in sorted(ROOT.glob(pattern)):
            if path.is_file():
                yield path.read_bytes()


_NOW = "2026-07-24T10:00:00Z"
_FINE = Run(DIFF, "0", Revision(), (EnvironmentRun("prod", ExitCode.OK),), finished=_NOW)
_OBJECT = {
    "apiVersion": "a.b/v1",
    "kind": "C",
    "metadata": {
        "name": "a",
        "namespace": "llm",
        "generation": 1,
        "labels": {"a": "b"},
        "managedFields": [
            {
                "manager": "a",
                "operation": "Apply",
                "apiVersion": "a.b/v1",
                "fieldsType": "FieldsV1",
                "fieldsV1": {"f:spec": {"f:a": {}, 'k:{"b":1}': {".": {}}}},
            }
        ],
    },
    "spec": {"a": "b", "c": [{"b": 1}]},
}
_SNAPSHOT = json.dumps(
    {
        "schemaVersion": "2",
        "recorded": True,
        **{key: [] for key in ("namespaces", "missing", "leaving", "unlisted")},
        **dict.fromkeys(("version", "environment", "commit", "cluster", "taken", "clusterUid"), ""),
    }
)
_PLAN = SealedPlan("0.1.0", "a" * 40, False, "prod", "c", "uid", "digest", key_id="k")
_KUBECONFIG = """\
apiVersion: v1
kind: Config
current-context: a
clusters:
- {name: c, cluster: {server: 'https://example.org', proxy-url: 'http://p', certificate-authority-data: YQ==}}
users:
- {name: u, user: {token: t, as: me, as-groups: [g], as-user-extra: {k: [v]}}}
- name: e
  user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: x, args: [y], env: [{name: A, value: b}]}}
contexts:
- {name: a, context: {cluster: c, user: u, namespace: n}}
- {name: b, context: {cluster: c, user: e}}
"""
_WRITTEN = {
    "packed-record": (base64.b64encode(gzip.compress(b'{"schemaVersion": 2}', mtime=0)),),
    "snapshot": (json.dumps(_OBJECT).encode(),),
    "plan": (plan_json(_PLAN).encode(),),
    "fields": (
        b'{"f:spec":{".":{},"f:a":{},"k:{\\"number\\":1}":{"f:b":{}},"v:\\"a\\"":{},"i:0":{}}}',
        b'[{"manager":"a","operation":"Update","apiVersion":"v1","fieldsType":"FieldsV1","fieldsV1":{}}]',
    ),
    "kubeconfig": (_KUBECONFIG.encode(),),
}
