"""With a trusted revision, the revision that is read decides the content, and no setting."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from reconciler.adapters.sources.worktree import Worktree
from reconciler.errors import ReconcilerError
from reconciler.kinds import KINDS
from reconciler.model.environment import ClusterType, Environment, Mode
from reconciler.model.trust import SettingChange
from reconciler.stages.load import load
from reconciler.stages.load.findings import UnusableEnvironment
from reconciler.stages.load.form import ClusterForm, EnvironmentForm, NotifyForm, PolicyForm
from reconciler.stages.load.trust import CONTENT, changed_settings
from tests.repository import write

FILE = "environments/prod/environment.yaml"
BASE = """\
configVersion: 1
cluster: {type: kubernetes, context: prod-eu, uid: u-1}
home: llm-system
namespaces: [llm]
policy: {allowedHosts: [api.openai.com], onDrift: refuse}
"""
HEAD = """\
configVersion: 1
# another
# line
extends: [more]
cluster: {type: directory}
namespaces: [kube-system, llm]
manifests: [templates/*.yaml.j2]
policy: {severity: {OM051: "off"}}
"""


def read(tmp_path: Path, base: str | None, head: str) -> Environment:
    (tmp_path / "base").mkdir(parents=True)
    old = write(tmp_path / "base", {} if base is None else {FILE: base})
    new = {
        FILE: head,
        "environments/more/values.yaml": "a: 1\n",
        "templates/a.yaml.j2": "a: 1\n",
    }
    root = write(tmp_path / "head", new)
    return load(Worktree(root), root, "prod", KINDS, Worktree(old))


def test_settings_are_of_the_base_and_content_is_of_the_head(tmp_path: Path) -> None:
    trusted = read(tmp_path, BASE, HEAD)
    alone = read(tmp_path / "alone", BASE, BASE)
    for attribute in ("cluster", "home", "namespaces", "policy"):
        assert getattr(trusted, attribute) == getattr(alone, attribute), attribute
    assert trusted.cluster.type is ClusterType.KUBERNETES
    assert [template.path for template in trusted.templates] == ["templates/a.yaml.j2"]
    assert trusted.values.body() == {"a": 1}
    assert trusted.trust
    assert trusted.trust.ignored == (
        SettingChange("cluster.context", '"prod-eu"', None),
        SettingChange("cluster.type", '"kubernetes"', '"directory"'),
        SettingChange("cluster.uid", '"u-1"', None),
        SettingChange("home", '"llm-system"', None),
        SettingChange("namespaces", '["llm"]', '["kube-system", "llm"]'),
        SettingChange("policy.allowedHosts", '["api.openai.com"]', None),
        SettingChange("policy.onDrift", '"refuse"', '"reclaim"'),
        SettingChange("policy.severity.OM051", None, '"off"'),
    )
    assert not trusted.trust.is_new


def test_equal_settings_are_no_change_however_they_are_written(tmp_path: Path) -> None:
    head = "configVersion: 1\npolicy:\n  onDrift: refuse\n  allowedHosts:\n  - api.openai.com\n"
    head += BASE.partition("\n")[2].partition("policy")[0]
    trust = read(tmp_path, BASE, head).trust
    assert trust
    assert trust.ignored == ()


def test_a_new_environment_has_only_its_own_settings(tmp_path: Path) -> None:
    trust = read(tmp_path, None, HEAD).trust
    assert trust
    assert trust.is_new


@pytest.mark.parametrize("attribute", sorted(EnvironmentForm.model_fields.keys() - CONTENT))
def test_no_setting_of_the_form_is_left_out(attribute: str) -> None:
    """Also not one that somebody adds: each key is content by name, or a setting."""
    plain = EnvironmentForm.model_validate({"configVersion": 1, "namespaces": ["a"]})
    other = {
        "cluster": ClusterForm.model_validate({"context": "x"}),
        "policy": PolicyForm.model_validate({"onDrift": "refuse"}),
        "mode": Mode.OBSERVE,
        "notify": NotifyForm.model_validate({"events": True}),
    }
    default = getattr(plain, attribute)
    value = other.get(attribute, ["other"] if isinstance(default, list) else "other")
    assert changed_settings(plain.model_copy(update={attribute: value}), plain)


def test_an_unusable_base_stops_the_environment_and_names_its_line(tmp_path: Path) -> None:
    with pytest.raises(UnusableEnvironment) as error:
        read(tmp_path, BASE.replace("onDrift: refuse", "onDrift: perhaps"), HEAD)
    assert error.value.findings[0].where.line == 5
    assert "perhaps" in error.value.findings[0].source


def test_findings_on_settings_of_the_base_show_its_lines(tmp_path: Path) -> None:
    with pytest.raises(UnusableEnvironment) as error:
        read(tmp_path, BASE.replace("context: prod-eu", "path: x"), HEAD)
    assert [f.where.line for f in error.value.findings] == [2]
    assert "path: x" in error.value.findings[0].source


def test_a_head_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ReconcilerError):
        read(tmp_path, BASE, "configVersion: 1\nnamespaces: 7\n")


def test_values_of_settings_are_json(tmp_path: Path) -> None:
    trust = read(tmp_path, BASE, HEAD).trust
    assert trust
    for change in trust.ignored:
        for side in (change.base, change.head):
            assert side is None or json.loads(side)
