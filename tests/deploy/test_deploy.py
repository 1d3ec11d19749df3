"""`deploy/`: what kustomize makes of it is taken by the real API server, and fits the program."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from reconciler.cli.root import root
from reconciler.errors import ExitCode
from reconciler.text.yaml import load_one
from tests.controlplane.plane import ControlPlane
from tests.interpreters.warm import command
from tests.world import TEMPLATES, World

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
OVERLAYS = ("watch", "apply", "both", "fleet", "watch and notify", "both and notify")
ROLES = {
    "watch": ("--flow", "watch", "--pods"),
    "apply": ("--flow", "change"),
}
Document = dict[str, Any]
_SUFFIXES = {"Mi": 1, "Gi": 1024}


@pytest.fixture(params=OVERLAYS)
def documents(
    request: pytest.FixtureRequest, control_plane: ControlPlane, tmp_path: Path
) -> list[Document]:
    """An overlay; with a component, as the comment in it says to add that."""
    overlay, _, component = request.param.partition(" and ")
    folder = shutil.copytree(DEPLOY, tmp_path / "deploy") / overlay
    if component:
        file = folder / "kustomization.yaml"
        file.write_text(file.read_text().replace("# components:", "components:"))
    text = control_plane.kubectl("kustomize", str(folder)).stdout
    return list(yaml.safe_load_all(text))


def commands(spec: Document) -> list[list[str]]:
    """What a pod runs: its arguments, or what its shell does with them."""
    (container,) = spec["containers"]
    if "command" not in container:
        return [container["args"]]
    lines = re.findall(r"step reconciler (.*) \|\|", container["args"][0])
    return [shlex.split(line.replace("$ENVIRONMENT", "$(ENVIRONMENT)")) for line in lines]


def jobs(documents: list[Document]) -> Iterator[tuple[Document, Document]]:
    """The spec of each Job, and of its pod."""
    for document in documents:
        if document["kind"] == "CronJob":
            job = document["spec"]["jobTemplate"]["spec"]
            yield job, job["template"]["spec"]


@pytest.fixture
def namespaces(control_plane: ControlPlane) -> None:
    """They are there before a dry run of what is in them."""
    labels = load_one((DEPLOY / "base/namespace.yaml").read_text(), "namespace.yaml")
    control_plane.apply(json.dumps(labels))
    for name in ("llm", "omnia"):
        body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
        control_plane.apply(json.dumps(body))


@pytest.mark.usefixtures("namespaces")
def test_the_server_takes_it_without_a_warning(
    documents: list[Document], control_plane: ControlPlane
) -> None:
    bundle = json.dumps({"apiVersion": "v1", "kind": "List", "items": documents})
    done = control_plane.apply(bundle, "--dry-run=server")
    assert len(done.stdout.splitlines()) == len(documents)
    assert done.stderr == "", "Pod Security warns of a template that it would refuse"


@pytest.mark.usefixtures("namespaces")
def test_its_pods_are_admitted_under_restricted_pod_security(
    documents: list[Document], control_plane: ControlPlane
) -> None:
    path = "/api/v1/namespaces/llm-system/pods?dryRun=All"
    for _, spec in jobs(documents):
        pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "run"}, "spec": spec}
        answer = control_plane.request("POST", path, json=pod)
        assert answer.status_code == 201, answer.text
        container = spec["containers"][0]
        loose = [container | {"securityContext": {}}]
        refused = control_plane.request(
            "POST", path, json=pod | {"spec": spec | {"containers": loose}}
        )
        assert refused.status_code == 403, "the namespace does enforce it"


def test_a_pod_may_do_little(documents: list[Document]) -> None:
    for _, spec in jobs(documents):
        (container,) = spec["containers"]
        assert container["securityContext"]["readOnlyRootFilesystem"] is True
        assert spec["securityContext"]["runAsUser"] == 65532
        written = {
            mount["name"] for mount in container["volumeMounts"] if not mount.get("readOnly")
        }
        volumes = {volume["name"]: volume for volume in spec["volumes"]}
        news = {name for name in written if "persistentVolumeClaim" in volumes[name]}
        assert written - news == {"tmp"}
        assert {volumes[name]["persistentVolumeClaim"]["claimName"] for name in news} <= claims(
            documents
        )
        accounts = [d for d in documents if d["kind"] == "ServiceAccount"]
        assert {a["automountServiceAccountToken"] for a in accounts} == {False}
        assert spec["serviceAccountName"] in {a["metadata"]["name"] for a in accounts}


def claims(documents: list[Document]) -> set[str]:
    return {d["metadata"]["name"] for d in documents if d["kind"] == "PersistentVolumeClaim"}


def test_only_the_watch_notifies(documents: list[Document]) -> None:
    verbs = {
        spec["serviceAccountName"]: [words[0] for words in commands(spec)]
        for _, spec in jobs(documents)
    }
    notifying = [account for account, each in verbs.items() if "notify" in each]
    assert notifying == (["reconciler-watch"] if claims(documents) else [])
    assert verbs.get("reconciler-watch", ["drift"])[0] == "drift"


@pytest.mark.parametrize("flow", ROLES)
def test_the_roles_are_what_rbac_prints(flow: str) -> None:
    ran = command("rbac", "prod", *ROLES[flow], "-C", str(ROOT))
    assert ran.stdout == (DEPLOY / "flows" / flow / "roles.yaml").read_text()
    said = re.search(
        r"reconciler rbac (.*) >", (DEPLOY / f"flows/{flow}/kustomization.yaml").read_text()
    )
    assert said is not None
    printed = command("rbac", *said[1].split(), "-C", str(ROOT))
    assert printed.stdout == ran.stdout


def test_the_account_of_a_job_has_the_roles(documents: list[Document]) -> None:
    bound = {
        (subject["namespace"], subject["name"])
        for document in documents
        if document["kind"].endswith("Binding")
        for subject in document["subjects"]
    }
    used = {
        ("llm-system", spec["serviceAccountName"])
        for _, spec in jobs(documents)
        if spec["automountServiceAccountToken"]
    }
    assert used == bound


def test_what_a_pod_runs_is_a_command_with_its_options(documents: list[Document]) -> None:
    (settings,) = [d["data"] for d in documents if d["kind"] == "ConfigMap"]
    variables = {
        variable
        for each in root.commands.values()  # type: ignore[attr-defined]  # a group
        for parameter in each.params
        for variable in (
            parameter.envvar if isinstance(parameter.envvar, list) else [parameter.envvar]
        )
        if variable
    }
    assert {name for name in settings if name.startswith("RECONCILER_")} <= variables
    for _, spec in jobs(documents):
        assert settings["ENVIRONMENT"] == "prod"
        for verb, *options in commands(spec):
            variables = {part for option in options for part in re.findall(r"\$[^.]*", option)}
            assert variables <= {"$(ENVIRONMENT)"}
            known = {o for p in root.commands[verb].params for o in p.opts}  # type: ignore[attr-defined]  # a group
            assert {option for option in options if option.startswith("--")} <= known


def test_its_deadlines_are_longer_than_those_of_the_program(documents: list[Document]) -> None:
    apply = {p.name: p.default for p in root.commands["apply"].params}  # type: ignore[attr-defined]  # a group
    for job, spec in jobs(documents):
        assert job["activeDeadlineSeconds"] > 2 * (apply["lock_wait"] + apply["timeout"])
        assert spec["terminationGracePeriodSeconds"] >= apply["timeout"], "to finish a request"
        assert spec["restartPolicy"] == "Never"
        assert 0 in (job.get("backoffLimit"), job.get("backoffLimitPerIndex", 1) - 1)


def mebibytes(quantity: str) -> int:
    return int(quantity[:-2]) * _SUFFIXES[quantity[-2:]]


def test_its_memory_is_enough_for_a_thousand_objects(
    control_plane: ControlPlane, namespace: str, tmp_path: Path
) -> None:
    head = "{% for i in range(500) %}\n---\n"
    templates = {
        name: head + text.replace("name: claude\nspec", "name: claude-{{ i }}\nspec").replace(
            "name: gateway\nspec", "name: gateway-{{ i }}\nspec"
        ) + "{% endfor %}\n"
        for name, text in TEMPLATES.items()
    }  # fmt: skip
    templates["gateway.yaml.j2"] = (
        templates["gateway.yaml.j2"].split(
            "---\napiVersion: agent.flokoa.ai/v1alpha1\nkind: Model\n"
        )[0]
        + "{% endfor %}\n"
    )
    world = World.make(
        tmp_path / "config", {"prod": namespace}, control_plane.kubeconfig, templates=templates
    )
    ran = world.run("drift", "prod")
    assert len(ran.prod["changes"]) == 1000
    (limit,) = {
        mebibytes(line.split("memory: ")[1].split("}")[0])
        for line in (DEPLOY / "job/cronjob.yaml").read_text().splitlines()
        if "limits:" in line
    }
    assert ran.peak < limit


def test_each_pod_of_the_fleet_knows_how_many_shares_there_are(control_plane: ControlPlane) -> None:
    text = control_plane.kubectl("kustomize", str(DEPLOY / "fleet")).stdout
    ((job, spec),) = jobs(list(yaml.safe_load_all(text)))
    variables = {each["name"]: each["value"] for each in spec["containers"][0]["env"]}
    assert variables["JOB_COMPLETIONS"] == str(job["completions"])
    assert int(variables["RECONCILER_REQUESTS_PER_SECOND"]) >= job["parallelism"]
    assert job["completionMode"] == "Indexed"
    (rule,) = [r for r in job["podFailurePolicy"]["rules"] if r["action"] == "FailIndex"]
    repeated = {code.value for code in ExitCode} - set(rule["onExitCodes"]["values"])
    assert {ExitCode.SOURCE, ExitCode.CLUSTER, ExitCode.PARTIAL, ExitCode.LOCK} <= repeated
    assert spec["automountServiceAccountToken"] is False
