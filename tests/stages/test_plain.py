"""Plain files: which of them are read, and what kubectl accepts in them although server-side apply does not."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from reconciler.adapters.sources.named import read_named
from reconciler.kinds import KINDS
from reconciler.model.environment import SourceFile
from reconciler.stages.plain import plain_environment
from reconciler.stages.render.plain import PlainManifests, names_managed_group, read_plain

GATEWAY = "apiVersion: agent.flokoa.ai/v1alpha1\nkind: ModelProvider\nmetadata: {name: a}\n"


def read(*texts: str) -> PlainManifests:
    files = (SourceFile(f"{number}.yaml", text) for number, text in enumerate(texts))
    return read_plain(plain_environment(files), KINDS)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (GATEWAY, True),
        ('{"kind": "Model", "apiVersion":"agent.flokoa.ai/v1alpha1"}', True),
        ("items:\n  - apiversion: 'omnia.altairalabs.ai/v1alpha1'\n", True),
        ("# apiVersion: agent.flokoa.ai/v1alpha1\non: push\n", False),
        ("name: Docs of agent.flokoa.ai\n", False),
        ("apiVersion: apps/v1\n", False),
    ],
)
def test_which_texts_name_a_managed_group(text: str, *, expected: bool) -> None:
    assert names_managed_group(text, KINDS) is expected


@pytest.mark.parametrize(
    "text",
    [
        "# for agent.flokoa.ai\non: push\njobs: {}\n",
        "site_name: omnia.altairalabs.ai\nplugin: !!python/name:a.b\n",
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [a.yaml]\n",
        "apiVersion: v1\nkind: Config\n",
        GATEWAY + "$patch: delete\n",
        "apiVersion: promptkit.altairalabs.ai/v1alpha1\nkind: Provider\nmetadata: {name: a}\n",
    ],
)
def test_unmanaged_texts_have_notes_and_no_findings(text: str) -> None:
    plain = read(text)
    assert (plain.manifests, plain.findings) == ((), ())
    assert plain.notes


def test_a_misspelt_group_is_a_finding() -> None:
    (finding,) = read(GATEWAY.replace("flokoa", "floka")).findings
    assert finding.code == "M009"
    assert "agent.flokoa.ai" in finding.hint


def test_a_field_without_a_value_is_a_warning_and_is_dropped() -> None:
    plain = read(GATEWAY + "spec:\n  openai: {}\n  tls:\n  nested: {deep: }\n")
    assert [(f.code, f.path, f.where.line) for f in plain.findings] == [
        ("K8S011", "spec.tls", 6),
        ("K8S011", "spec.nested.deep", 7),
    ]
    assert plain.manifests[0].document.body()["spec"] == {"openai": {}, "nested": {}}
    assert {str(f.ref) for f in plain.findings} == {"ModelProvider default/a"}


def test_a_large_file_without_managed_kinds_is_not_read(tmp_path: Path) -> None:
    for name, head in (("other.yaml", "a: 1\n"), ("ours.yaml", GATEWAY)):
        (tmp_path / name).write_text(head + "# x\n" * 400_000)
    files = read_named([str(tmp_path)], io.BytesIO(), lambda text: names_managed_group(text, KINDS))
    assert [Path(file.path).name for file in files.files] == ["ours.yaml"]
    assert [Path(path).name for path in files.large] == ["other.yaml"]


def test_patches_of_a_kustomization_are_not_objects() -> None:
    texts = {
        "deploy/kustomization.yaml": "kind: Kustomization\npatches: [{path: ./patch.yaml}, {patch: '- op: add'}]\n"
        "patchesStrategicMerge: [../more.yaml]\n",
        "deploy/patch.yaml": GATEWAY + "spec: {nonsense: 1}\n",
        "more.yaml": GATEWAY + "spec: {nonsense: 1}\n",
        "deploy/gateway.yaml": GATEWAY + "spec: {openai: {}}\n",
    }
    files = (SourceFile(path, text) for path, text in texts.items())
    plain = read_plain(plain_environment(files), KINDS)
    assert [m.origin(()).template.path for m in plain.manifests] == ["deploy/gateway.yaml"]
    assert "2 objects of other kinds (Kustomize patch 2)" in plain.notes


def test_an_api_version_without_group_or_version_is_an_error() -> None:
    for version in ("omnia.altairalabs.ai", "v1alpha1", "omnia.altairalabs.ai/v1alpha1/"):
        text = f"apiVersion: {version}\nkind: Provider\nmetadata: {{name: a}}\n"
        (finding,) = read(text).findings
        assert (finding.code, finding.severity) == ("M009", "error")
        assert "omnia.altairalabs.ai/v1alpha1?" in finding.hint
