"""environment.yaml and its values layers: the environment that they become, and all findings on them in one run."""

# ruff: noqa: E501 -- one case of a table is one line
from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from reconciler.adapters.sources.worktree import Worktree
from reconciler.crds import catalogue
from reconciler.errors import EnvironmentFileError, ExitCode, UsageError
from reconciler.kinds import KINDS
from reconciler.model.environment import (
    DEFAULT_FAIL_ON,
    Attitude,
    ClusterTarget,
    ClusterType,
    Environment,
    FailOn,
    Level,
    ManifestPolicy,
    OnConflict,
    OnDrift,
)
from reconciler.stages.load import environments, load
from reconciler.stages.load.findings import UnusableEnvironment
from reconciler.stages.load.form import environment_schema
from reconciler.stages.load.templates import matches
from reconciler.text.yaml import load_one
from tests.repository import MINIMAL, write

ROOT = Path(__file__).parent.parent.parent
FULL = """\
configVersion: 1
extends: [base, eu]
cluster: {type: kubernetes, context: prod-eu, uid: abc}
home: llm-system
namespaces: [llm, omnia]
manifests:
  - templates/flokoa/*.yaml.j2
crds:
  providers.omnia.altairalabs.ai: "2026-04-19"
  models.agent.flokoa.ai: crds/models.yaml
policy:
  onDrift: refuse
  onConflict: take
  adoptFrom: [helm]
  failOn: [drift, rotation-open]
"""
FILES = {
    "environments/base/values.yaml": "name: base\nregion: {a: 1, b: {c: 2}}\nlist: [1, 2]\ngone: x\nkeep: {null_me: 1}\n",
    "environments/eu/values.yaml": "region: {a: 10}\n",
    "environments/prod/environment.yaml": FULL,
    "environments/prod/values.yaml": "name: prod\nlist: [3]\nregion:\n  b: {d: 4}\ngone: null\nkeep: {null_me: ~, new: {x: ~}}\n",
    "environments/prod/own.yaml.j2": "own",
    "environments/prod/_macros.j2": "m",
    "environments/prod/README.md": "notes",
    "templates/flokoa/b.yaml.j2": "b",
    "templates/flokoa/a.yaml.j2": "a",
    "templates/flokoa/_lib.yaml.j2": "lib",
    "templates/flokoa/other.j2": "other",
    "templates/omnia/c.yaml.j2": "c",
    "crds/models.yaml": catalogue.text(catalogue.era("models.agent.flokoa.ai").path),
}  # fmt: skip


def loaded(root: Path, name: str = "prod") -> Environment:
    return load(Worktree(root), root, name, KINDS)


def findings_on(root: Path, config: str, **files: str) -> list[str]:
    """The findings on a configuration, one line each."""
    write(root, {"environments/prod/environment.yaml": config} | files)
    with pytest.raises(UnusableEnvironment) as error:
        loaded(root)
    assert error.value.exit_code is ExitCode.USAGE
    return [f"{f.where}: {f.message} [{f.code}]; {f.hint}" for f in error.value.findings]


def test_an_environment_with_every_key(tmp_path: Path) -> None:
    environment = loaded(write(tmp_path, FILES))
    assert environment.cluster == ClusterTarget(ClusterType.KUBERNETES, "prod-eu", "", "abc")
    assert (environment.home, environment.namespaces) == ("llm-system", ("llm", "omnia"))
    assert environment.crds == (
        ("models.agent.flokoa.ai", "crds/models.yaml"),
        ("providers.omnia.altairalabs.ai", "2026-04-19"),
    )
    assert [f.path for f in environment.crd_files] == ["crds/models.yaml"]
    assert (environment.policy.on_drift, environment.policy.on_conflict) == (
        OnDrift.REFUSE,
        OnConflict.TAKE,
    )
    assert (environment.policy.adopt_from, environment.policy.fail_on) == (
        ("helm",),
        {FailOn.DRIFT, FailOn.ROTATION_OPEN},
    )


def test_the_rules_of_a_policy(tmp_path: Path) -> None:
    policy = """\
policy:
  allowedHosts: ["*.example.com"]
  plainHttp: forbid
  insecureSkipVerify: allow
  allowedHeaders: []
  deniedHeaders: [Authorization]
  shownHeaders: [X-Team]
  secretNames: [llm-*]
  referenceNamespaces: [shared]
  deprecatedFields: off
  severity: {OM051: error, REF002: "off", FL011: off}
"""
    environment = loaded(write(tmp_path, {"environments/prod/environment.yaml": MINIMAL + policy}))
    assert environment.policy.shown_headers == ("X-Team",)
    assert environment.policy.manifests == ManifestPolicy(
        allowed_hosts=("*.example.com",),
        plain_http=Attitude.FORBID,
        insecure_skip_verify=Attitude.ALLOW,
        allowed_headers=(),
        denied_headers=("Authorization",),
        secret_names=("llm-*",),
        reference_namespaces=("shared",),
        deprecated_fields=Level.OFF,
        severity=(("FL011", Level.OFF), ("OM051", Level.ERROR), ("REF002", Level.OFF)),
    )


def test_templates_and_library(tmp_path: Path) -> None:
    environment = loaded(write(tmp_path, FILES))
    rendered = [
        "templates/flokoa/a.yaml.j2",
        "templates/flokoa/b.yaml.j2",
        "environments/prod/own.yaml.j2",
    ]
    assert [f.path for f in environment.templates] == rendered
    assert sorted(f.path for f in environment.library) == [
        "environments/prod/_macros.j2",
        "templates/flokoa/_lib.yaml.j2",
        "templates/flokoa/other.j2",
        "templates/omnia/c.yaml.j2",
    ]


def test_values_merge_and_keep_their_locations(tmp_path: Path) -> None:
    environment = loaded(write(tmp_path, FILES))
    assert environment.values.body() == {
        "name": "prod",
        "region": {"a": 10, "b": {"c": 2, "d": 4}},
        "list": [3],
        "keep": {"new": {}},
    }
    origins = {".".join(map(str, path)): str(where) for path, where in environment.value_origins}
    assert origins == {
        "name": "environments/prod/values.yaml:1:7",
        "list": "environments/prod/values.yaml:2:1",
        "list.0": "environments/prod/values.yaml:2:8",
        "region": "environments/prod/values.yaml:3:1",
        "region.a": "environments/eu/values.yaml:1:13",
        "region.b": "environments/prod/values.yaml:4:3",
        "region.b.c": "environments/base/values.yaml:2:23",
        "region.b.d": "environments/prod/values.yaml:4:10",
        "keep": "environments/prod/values.yaml:6:1",
        "keep.new": "environments/prod/values.yaml:6:20",
        # A removed value has the location of the null that removed it.
        "gone": "environments/prod/values.yaml:5:1",
        "keep.null_me": "environments/prod/values.yaml:6:8",
        "keep.new.x": "environments/prod/values.yaml:6:26",
    }
    where = dict(environment.value_origins)["name",]
    assert (where.length, environment.line(where)) == (4, "name: prod")


def test_a_minimal_environment_has_defaults(tmp_path: Path) -> None:
    environment = loaded(write(tmp_path, {"environments/prod/environment.yaml": MINIMAL}))
    assert environment.cluster == ClusterTarget(
        ClusterType.DIRECTORY, path=str(tmp_path / ".clusters/prod")
    )
    assert environment.home == "llm"
    assert environment.templates == environment.library == environment.crds == ()
    assert environment.values.body() == {}
    assert environment.policy.fail_on == DEFAULT_FAIL_ON


def test_an_environment_as_a_layer_of_another_one(tmp_path: Path) -> None:
    """staging is a layer of prod and brings its own layers; a layer that occurs twice is merged once, at the first place."""
    files = {
        "environments/base/values.yaml": "a: base\nb: base\n",
        "environments/staging/environment.yaml": MINIMAL + "extends: [base]\n",
        "environments/staging/values.yaml": "b: staging\n",
        "environments/prod/environment.yaml": MINIMAL + "extends: [staging, base]\n",
    }
    assert loaded(write(tmp_path, files)).values.body() == {"a": "base", "b": "staging"}


def test_environments_are_folders_with_an_environment_file(tmp_path: Path) -> None:
    root = write(
        tmp_path,
        FILES | {"environments/dev/environment.yaml": MINIMAL, "environments/x.yaml": "a: 1\n"},
    )
    assert environments(Worktree(root)) == ("dev", "prod")
    assert environments(Worktree(tmp_path / "crds")) == ()


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("prd", "did you mean prod?"),
        ("../prod", "did you mean prod?"),
        ("/etc", "known environments: prod"),
        ("base", "known environments: prod"),
        ("", "known environments: prod"),
        ("prod/..", "did you mean prod?"),
    ],
)
def test_unknown_environment(tmp_path: Path, name: str, hint: str) -> None:
    with pytest.raises(UsageError, match="there is no environment") as error:
        loaded(write(tmp_path, FILES), name)
    assert error.value.hint == hint


# configuration, and the line of its finding (without the path)
WRONG = {
    "unknown-key": (MINIMAL + "homee: x\n", "3:1: unknown key `homee` [E002]; did you mean home?"),
    "unknown-nested": (MINIMAL + "policy:\n  ondrift: refuse\n", "4:3: unknown key `policy.ondrift` [E002]; did you mean onDrift?"),
    "snake-case": (MINIMAL + "policy: {on_drift: refuse}\n", "3:10: unknown key `policy.on_drift` [E002]; did you mean onDrift?"),
    "unknown-word": (MINIMAL + "policy: {onDrift: reclame}\n", "3:19: `policy.onDrift` must be reclaim or refuse [E003]; did you mean reclaim?"),
    "unknown-rule": (MINIMAL + "policy: {severity: {OM0511: off}}\n", "3:21: there is no rule `OM0511` [E002]; did you mean OM051?"),
    "rule-of-the-cluster": (MINIMAL + "policy: {severity: {K8S002: off}}\n", "3:21: `policy.severity` cannot change K8S002: with this error nothing can be applied [E003]"),
    "field-glob-open": (MINIMAL + 'policy: {extraFields: {"spec.[": fail}}\n', "3:24: no field can match `policy.extraFields.spec.[` [E003]; write it like spec.headers.*"),
    "field-glob-spec": (MINIMAL + "policy: {extraFields: {spec: remove}}\n", "3:24: no field can match `policy.extraFields.spec` [E003]; write spec.*"),
    "field-glob-rootless": (MINIMAL + "policy: {extraFields: {headers.*: remove}}\n", "3:24: no field can match `policy.extraFields.headers.*` [E003]; write spec.headers.*"),
    "field-glob-space": (MINIMAL + 'policy: {extraFields: {"spec. x": fail}}\n', "3:24: no field can match `policy.extraFields.spec. x` [E003]; write it like spec.headers.*"),
    "field-glob-dots": (MINIMAL + "policy: {extraFields: {spec..x: fail}}\n", "3:24: no field can match `policy.extraFields.spec..x` [E003]; write it like spec.headers.*"),
    "short-word": (MINIMAL + "cluster: {type: k8s}\n", "3:17: `cluster.type` must be directory or kubernetes [E003]; did you mean kubernetes?"),
    "unknown-severity": (MINIMAL + "policy: {severity: {OM051: eror}}\n", "3:28: `policy.severity.OM051` must be error, warning, notice or off [E003]; did you mean error?"),
    "unknown-attitude": (MINIMAL + "policy: {plainHttp: forbidden}\n", "3:21: `policy.plainHttp` must be forbid, warn or allow [E003]; did you mean forbid?"),
    "prune-limit": (MINIMAL + "policy: {prune: {maxPercent: 0}}\n", "3:30: `policy.prune.maxPercent` must be at least 1 [E003]"),
    "prune-word": (MINIMAL + "policy: {prune: nonsense}\n", "3:17: `policy.prune` must be true, false or a mapping [E003]"),
    "prune-quoted": (MINIMAL + "policy: {prune: 'on'}\n", "3:17: `policy.prune` must be true, false or a mapping [E003]"),
    "prune-nothing": (MINIMAL + "policy: {prune: null}\n", "3:17: `policy.prune` must be true, false or a mapping [E003]"),
    "prune-unknown-key": (MINIMAL + "policy: {prune: {maxObject: 3}}\n", "3:18: unknown key `policy.prune.maxObject` [E002]; did you mean maxObjects?"),
    "prune-consumers": (MINIMAL + "policy: {prune: {consumers: allowed}}\n", "3:29: `policy.prune.consumers` must be refuse, allow-unlisted or allow [E003]"),
    "extra-fields-word": (MINIMAL + "policy: {extraFields: nonsense}\n", "3:23: `policy.extraFields` must be report, fail or remove [E003]"),
    "extra-fields-glob": (MINIMAL + "policy: {extraFields: {spec.x: nonsense}}\n", "3:32: `policy.extraFields[spec.x]` must be report, fail or remove [E003]"),
    "hosts-as-text": (MINIMAL + "policy: {allowedHosts: x}\n", "3:24: `policy.allowedHosts` must be a list [E003]; put it in brackets: `allowedHosts: [...]`"),
    "misspelt-policy": (MINIMAL + "policy: {allowedHost: [x]}\n", "3:10: unknown key `policy.allowedHost` [E002]; did you mean allowedHosts?"),
    "unknown-fail-on": (MINIMAL + "policy: {failOn: [drft]}\n", "3:19: `policy.failOn[0]` must be"),
    "wrong-type": (MINIMAL + "manifests: templates/x.j2\n", "3:12: `manifests` must be a list [E003]"),
    "cluster-as-text": (MINIMAL + "cluster: kubernetes\n", "3:10: `cluster` must be a mapping [E003]; write `cluster: {type: kubernetes}`"),
    "webhook-as-text": (MINIMAL + "notify: {webhook: https://hooks.example.com/x}\n", "3:19: `notify.webhook` must be a mapping [E003]; known keys: file, variable"),
    "words-for-a-number": (MINIMAL + "policy: {prune: {maxObjects: ten}}\n", "3:30: `policy.prune.maxObjects` must be a whole number [E003]"),
    "not-text": ("configVersion: 1\nnamespaces: [1]\n", "2:14: `namespaces[0]` must be a string [E003]; quote it"),
    "date-not-text": (MINIMAL + "crds: {a: 2026}\n", "3:11: `crds.a` must be a string [E003]"),
    "bad-namespace": ("configVersion: 1\nnamespaces: [LLM]\n", "2:14: `namespaces[0]` must be a namespace"),
    "no-namespaces": ("configVersion: 1\nnamespaces: []\n", "2:13: `namespaces` must not be empty [E003]"),
    "missing": ("configVersion: 1\n", "1:1: `namespaces` is missing [E004]; add the namespaces"),
    "missing-version": ("namespaces: [llm]\n", "1:1: `configVersion` is missing [E004]"),
    "future-version": ("configVersion: 2\nnamespaces: [a]\n", "1:16: this release supports only configVersion 1 [E007]; upgrade"),
    "text-version": ("configVersion: '1'\nnamespaces: [a]\n", "1:16: this release supports only configVersion 1 [E007]; write 1 without quotes"),
    "true-version": ("configVersion: true\nnamespaces: [a]\n", "1:16: this release supports only configVersion 1 [E007]; write `configVersion: 1`"),
    "zero-version": ("configVersion: 0\nnamespaces: [a]\n", "1:16: this release supports only configVersion 1 [E007]; write `configVersion: 1`"),
    "cluster-type": (MINIMAL + "cluster: {type: kube}\n", "3:17: `cluster.type` must be directory or kubernetes [E003]"),
    "cluster-type-context": (MINIMAL + "cluster: {type: k8s, context: prod}\n", "3:17: `cluster.type` must be directory or kubernetes [E003]"),
    "cluster-no-type": (MINIMAL + "cluster: {context: prod}\n", "3:20: `cluster.context` does not apply to a directory cluster"),
    "cluster-mix": (MINIMAL + "cluster: {type: kubernetes, path: x}\n", "3:35: `cluster.path` does not apply to a kubernetes cluster [E003]"),
    "cluster-mix-2": (MINIMAL + "cluster: {type: directory, context: x}\n", "3:37: `cluster.context` does not apply to a directory cluster"),
    "cluster-outside": (MINIMAL + "cluster: {type: directory, path: ../x}\n", "3:34: `cluster.path` must stay inside"),
    "cluster-absolute": (MINIMAL + "cluster: {type: directory, path: /x}\n", "3:34: `cluster.path` must stay inside"),
    "cluster-git": (MINIMAL + "cluster: {type: directory, path: .git/live}\n", "3:34: `cluster.path` must be a folder of its own"),
    "cluster-templates": (MINIMAL + "cluster: {type: directory, path: ./templates}\n", "3:34: `cluster.path` must be a folder of its own"),
    "cluster-root": (MINIMAL + "cluster: {type: directory, path: ./}\n", "3:34: `cluster.path` must be a folder of its own"),
    "kubeconfig": (MINIMAL + "cluster: {type: kubernetes, kubeconfig: x}\n", "3:29: unknown key `cluster.kubeconfig` [E002]"),
    "no-layer": (MINIMAL + "extends: [bsae]\n", "3:11: there is no values layer `bsae` [E005]; did you mean base?"),
    "outside-layer": (MINIMAL + "extends: [../x]\n", "3:11: there is no values layer `../x` [E005]"),
    "self-layer": (MINIMAL + "extends: [prod]\n", "3:11: values layers extend each other: prod -> prod [E005]"),
    "no-template": (MINIMAL + "manifests: [templates/flokoa/gtp.yaml.j2]\n", "3:13: no template matches this pattern [E006]; did you mean templates/flokoa/gpt.yaml.j2?"),
    "nothing-similar": (MINIMAL + "manifests: [qqqqqqqqqqqqqqqqqq.j2]\n", "3:13: no template matches this pattern [E006]; templates here: templates/flokoa/gpt.yaml.j2"),
    "not-a-template": (MINIMAL + "manifests: [templates/*.yaml]\n", "3:13: a pattern in `manifests` must end in .j2 [E006]"),
    "outside": (MINIMAL + "manifests: [../templates/*.j2]\n", "3:13: a pattern in `manifests` must stay inside"),
    "pin": (MINIMAL + "crds: {models.agent.flokoa.ai: latest}\n", "3:32: a pin must be a date, or the path of a YAML file in the repository [E008]"),
    "pin-file": (MINIMAL + "crds: {models.agent.flokoa.ai: x.yaml}\n", "3:32: there is no file x.yaml [E008]"),
    "pin-outside": (MINIMAL + "crds: {models.agent.flokoa.ai: ../x.yaml}\n", "3:32: a pin must be a date"),
    "pin-name": (MINIMAL + "crds: {model.agent.flokoa.ai: x.yaml}\n", "3:8: `crds` pins model.agent.flokoa.ai, which is not the CRD of a managed kind [E008]; did you mean models.agent.flokoa.ai?"),
    "pin-date": (MINIMAL + "crds: {models.agent.flokoa.ai: '1999-01-01'}\n", "3:32: there is no models.agent.flokoa.ai of 1999-01-01 [E008]; there are "),
    "pin-no-crd": (MINIMAL + "crds: {models.agent.flokoa.ai: environments/prod/values.yaml}\n", "3:32: environments/prod/values.yaml: not a CustomResourceDefinition"),
    "list": ("- a\n", "1:1: this file must contain one mapping [E001]"),
    "empty": ("", "1:1: this file must contain one mapping [E001]"),
    "two-documents": (MINIMAL + "---\na: 1\n", "1:1: this file must contain one mapping [E001]"),
    "duplicate": (MINIMAL + "home: a\nhome: b\n", "4:1: duplicate key `home`"),
    "syntax": (MINIMAL + "home: 'a\n", "3:7: a quote is never closed [T001]"),
    "tag": (MINIMAL + "home: !!python/name:os.system x\n", "3:7: tags are not allowed [T004]"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_wrong_configuration(tmp_path: Path, name: str) -> None:
    config, expected = WRONG[name]
    others = {
        "environments/prod/values.yaml": "a: 1\n",
        "environments/base/values.yaml": "",
        "templates/flokoa/gpt.yaml.j2": "",
    }
    (line,) = findings_on(tmp_path, config, **others)
    assert line.startswith(f"environments/prod/environment.yaml:{expected}")


def test_a_glob_that_some_field_can_match_is_valid(tmp_path: Path) -> None:
    globs = ["*", "s*", "spec.*", "spec.[bt]*.x-?", "*.baseURL", "spec.headers.X-Key"]
    globs += [
        "metadata.*",
        "metadata.ownerReferences",
        "metadata.labels.team",
        "metadata.annotations.example.com/team",
    ]
    policy = f"policy: {{extraFields: {json.dumps(dict.fromkeys(globs, 'remove'))}}}\n"
    environment = loaded(write(tmp_path, {"environments/prod/environment.yaml": MINIMAL + policy}))
    assert [glob for glob, _ in environment.policy.extra_fields] == globs


def test_all_findings_in_one_run_in_order(tmp_path: Path) -> None:
    config = "configVersion: 1\nhomee: x\nnamespaces: [A, b]\npolicy: {onDrift: no, x: 1}\n"
    findings = findings_on(tmp_path, config)
    assert [line.split(": ")[0].rpartition("yaml:")[2] for line in findings] == [
        "2:1",
        "3:14",
        "4:19",
        "4:23",
    ]
    files = {
        "environments/prod/values.yaml": "a: 1\na: 2\n",
        "environments/prod/stray.yaml": "kind: Model\n",
        "environments/prod/sub/x.yaml.j2": "",
    }
    findings = findings_on(
        tmp_path, MINIMAL + "extends: [x]\nmanifests: [templates/*.j2]\n", **files
    )
    assert [line.split("[")[1][:4] for line in findings] == ["E005", "E006", "E009", "E009", "T003"]


def test_a_wrong_field_hides_no_other_finding(tmp_path: Path) -> None:
    config = """\
configVersion: 2
namespaces: [A, b]
homee: x
extends: [nope]
cluster: {type: kube, path: ../x}
manifests: [templates/nope.j2]
crds: {models.agent.flokoa.ai: "1999-01-01", modles.agent.flokoa.ai: 1}
policy: {onDrift: maybe, severity: {XX999: off, FL001: loud}}
"""
    findings = findings_on(tmp_path, config, **{"environments/prod/values.yaml": "a: {\n"})
    lines_and_codes = [(line.split(":")[1], line.split("[")[-1][:4]) for line in findings]
    assert sorted(lines_and_codes) == [
        ("1", "E007"), ("2", "E003"), ("2", "T001"), ("3", "E002"), ("4", "E005"), ("5", "E003"),
        ("5", "E003"), ("6", "E006"), ("7", "E003"), ("7", "E008"), ("8", "E002"), ("8", "E003"),
        ("8", "E003"),
    ]  # fmt: skip


def test_layers_that_extend_each_other(tmp_path: Path) -> None:
    other = {"environments/b/environment.yaml": MINIMAL + "extends: [prod]\n"}
    (line,) = findings_on(tmp_path, MINIMAL + "extends: [b]\n", **other)
    assert line.startswith(
        "environments/b/environment.yaml:3:11: values layers extend each other: prod -> b -> prod"
    )


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ("- a\n", "1:1: this file must contain one mapping"),
        ("a\n", "1:1: this file must"),
        ("a: 1\n---\nb: 2\n", "1:1: this file must"),
    ],
)
def test_values_that_are_not_a_mapping(tmp_path: Path, values: str, words: str) -> None:
    (line,) = findings_on(tmp_path, MINIMAL, **{"environments/prod/values.yaml": values})
    assert line.startswith(f"environments/prod/values.yaml:{words}")


def test_a_manifest_that_nothing_reads_is_a_finding(tmp_path: Path) -> None:
    for path in ("gpt.yaml", "gpt.yml", "gpt.yml.j2", "gpt.j2", "more/gpt.yaml.j2"):
        root = tmp_path / path.replace("/", "-")
        (line,) = findings_on(root, MINIMAL, **{f"environments/prod/{path}": "kind: Model\n"})
        assert line.startswith(f"environments/prod/{path}: nothing reads this file [E009]")
        assert "name it environments/prod/gpt.yaml.j2" in line


@pytest.mark.parametrize(
    ("path", "intended"),
    [
        ("prod/value.yaml", "values.yaml"),
        ("prod/values.yml", "values.yaml"),
        ("base/vaules.yaml", "values.yaml"),
        ("base/environment.yml", "environment.yaml"),
        ("base/enviroment.yaml", "environment.yaml"),
    ],
)
def test_a_misspelt_name_of_a_file_is_a_finding(tmp_path: Path, path: str, intended: str) -> None:
    files = {f"environments/{path}": "a: 1\n", "environments/base/more.yaml": "a: 1\n"}
    (line,) = findings_on(tmp_path, MINIMAL + "extends: [base]\n", **files)
    assert line == f"environments/{path}: nothing reads this file [E009]; did you mean {intended}?"


def test_messages_contain_no_values(tmp_path: Path) -> None:
    canary = "sk-canary-123456"
    config = f"configVersion: {canary}\nnamespaces: [{canary.upper()}]\nhome: [{canary}]\ncluster: {{type: {canary}}}\n"
    lines = findings_on(tmp_path, config)
    assert len(lines) == 4
    assert not [line for line in lines if canary in line.lower()]


@pytest.mark.parametrize("name", ["Prod", "a_b", "x" * 41])
def test_the_name_of_an_environment_must_be_valid_in_the_name_of_an_object(
    tmp_path: Path, name: str
) -> None:
    write(tmp_path, {f"environments/{name}/environment.yaml": MINIMAL})
    with pytest.raises(EnvironmentFileError, match="cannot be the name"):
        loaded(tmp_path, name)


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("templates/*.j2", "templates/a.j2", True),
        ("templates/*.j2", "templates/x/a.j2", False),
        ("templates/**/*.j2", "templates/x/y/a.j2", True),
        ("templates/**/*.j2", "templates/a.j2", True),
        ("**/a.j2", "templates/x/a.j2", True),
        ("templates/[ab].j2", "templates/b.j2", True),
        ("templates/?.j2", "templates/ab.j2", False),
    ],
)
def test_patterns(pattern: str, path: str, expected: bool) -> None:
    assert matches(pattern, path) is expected


def test_the_schema_in_the_repository_is_up_to_date() -> None:
    file = ROOT / "environments/environment.schema.json"
    assert json.loads(file.read_text()) == environment_schema(), (
        "run: reconciler schema > environments/environment.schema.json"
    )


def test_the_schema_accepts_what_the_loader_accepts() -> None:
    schema = environment_schema()
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    for path in ROOT.glob("environments/*/environment.yaml"):
        validator.validate(load_one(path.read_text(), str(path)))
    validator.validate(load_one(FULL, "full"))
    refused = {name for name, (config, _) in WRONG.items() if name not in ("syntax", "tag", "duplicate", "two-documents")
                 and not validator.is_valid(load_one(config, name))}  # fmt: skip
    assert {
        "unknown-key",
        "unknown-nested",
        "snake-case",
        "unknown-word",
        "missing",
        "future-version",
        "list",
    } <= refused


@pytest.mark.parametrize("file", ["environment.yaml", "values.yaml"])
def test_a_file_that_is_not_text_hides_no_other_finding(tmp_path: Path, file: str) -> None:
    findings = findings_on(
        tmp_path, MINIMAL + "manifests: [templates/nope.j2]\n", **{f"environments/prod/{file}": b"a: \xff\n"}
    )  # fmt: skip
    assert (
        f"environments/prod/{file}:1: this file is not UTF-8"
        in findings[-1 if file == "values.yaml" else 0]
    )
    assert len(findings) == (2 if file == "values.yaml" else 1)


class _Vanishing(Worktree):
    """A worktree whose files are deleted after they are listed."""

    def read(self, path: str) -> str | None:  # noqa: ARG002 -- the port's signature
        return None


def test_a_file_that_is_deleted_during_the_run_is_a_finding(tmp_path: Path) -> None:
    root = write(tmp_path, {"environments/prod/environment.yaml": MINIMAL})
    with pytest.raises(UnusableEnvironment, match="this file does not exist"):
        load(_Vanishing(root), root, "prod", KINDS)
