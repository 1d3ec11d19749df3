"""Plain files: what of them concerns us, and what kubectl would take that server-side apply does not."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from reconciler.adapters.sources.named import read_named
from reconciler.kinds import KINDS
from reconciler.model.environment import SourceFile
from reconciler.stages.load.plain import plain
from reconciler.stages.render.plain import Plain, concerns, read_plain

GATEWAY = "apiVersion: agent.flokoa.ai/v1alpha1\nkind: ModelProvider\nmetadata: {name: a}\n"


def read(*texts: str) -> Plain:
    files = (SourceFile(f"{number}.yaml", text) for number, text in enumerate(texts))
    return read_plain(plain(files), KINDS)


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
def test_what_concerns_us(text: str, *, expected: bool) -> None:
    assert concerns(text, KINDS) is expected


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
def test_what_is_left_alone(text: str) -> None:
    found = read(text)
    assert (found.manifests, found.findings) == ((), ())
    assert found.notes


def test_a_group_that_is_nearly_ours_is_told() -> None:
    (found,) = read(GATEWAY.replace("flokoa", "floka")).findings
    assert found.code == "M009"
    assert "agent.flokoa.ai" in found.hint


def test_a_field_without_a_value_is_told_and_not_judged() -> None:
    found = read(GATEWAY + "spec:\n  openai: {}\n  tls:\n  nested: {deep: }\n")
    assert [(d.code, d.path, d.where.line) for d in found.findings] == [
        ("K8S011", "spec.tls", 6),
        ("K8S011", "spec.nested.deep", 7),
    ]
    assert found.manifests[0].document.body()["spec"] == {"openai": {}, "nested": {}}
    assert {str(d.ref) for d in found.findings} == {"ModelProvider default/a"}


def test_a_large_file_of_something_else_is_not_kept(tmp_path: Path) -> None:
    for name, head in (("other.yaml", "a: 1\n"), ("ours.yaml", GATEWAY)):
        (tmp_path / name).write_text(head + "# x\n" * 400_000)
    found = read_named([str(tmp_path)], io.BytesIO(), lambda text: concerns(text, KINDS))
    assert [Path(file.path).name for file in found.files] == ["ours.yaml"]
    assert [Path(path).name for path in found.large] == ["other.yaml"]


def test_patches_of_a_kustomization_are_no_objects() -> None:
    texts = {
        "deploy/kustomization.yaml": "kind: Kustomization\npatches: [{path: ./patch.yaml}, {patch: '- op: add'}]\n"
        "patchesStrategicMerge: [../more.yaml]\n",
        "deploy/patch.yaml": GATEWAY + "spec: {nonsense: 1}\n",
        "more.yaml": GATEWAY + "spec: {nonsense: 1}\n",
        "deploy/gateway.yaml": GATEWAY + "spec: {openai: {}}\n",
    }
    found = read_plain(plain(SourceFile(path, text) for path, text in texts.items()), KINDS)
    assert [m.origin(()).template.path for m in found.manifests] == ["deploy/gateway.yaml"]
    assert "2 objects of other kinds (Kustomize patch 2)" in found.notes


def test_an_api_version_without_group_or_version_is_no_other_system() -> None:
    for version in ("omnia.altairalabs.ai", "v1alpha1", "omnia.altairalabs.ai/v1alpha1/"):
        text = f"apiVersion: {version}\nkind: Provider\nmetadata: {{name: a}}\n"
        (found,) = read(text).findings
        assert (found.code, found.severity) == ("M009", "error")
        assert "omnia.altairalabs.ai/v1alpha1?" in found.hint
