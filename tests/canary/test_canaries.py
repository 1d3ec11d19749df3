"""Every command, format, verbosity and role of the README, with secrets planted wherever somebody could leave one."""

from __future__ import annotations

import base64
import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from reconciler.cli.root import root
from reconciler.reports import FORMATS as REPORT_FORMATS
from tests.adapters.forge.issue_server import Tracker
from tests.adapters.forge.server import Forge, serve
from tests.adapters.otlp.test_otlp import serve as collector
from tests.adapters.sources.git_server import served
from tests.canary.plants import Plants
from tests.canary.scanner import Scanner
from tests.cli.test_notify import Receiver
from tests.cli.test_notify import serve as webhook
from tests.controlplane.plane import ControlPlane
from tests.e2e.roles import FLOWS, account, grant
from tests.faults.actions import Say, failure, response, say
from tests.faults.proxy import Proxy
from tests.interpreters.warm import command
from tests.world import CLAUDE, GATEWAY, World

PROVIDER = "providers.omnia.altairalabs.ai"
GATEWAYS = "modelproviders.agent.flokoa.ai"
ONLINE = (("diff",), ("apply", "--dry-run"), ("drift",), ("impact",), ("stamp", "--dry-run"))
FORMATS = tuple(REPORT_FORMATS)
VERBOSITY = ((), ("-v",))
# `_mistaken`, `_with_forge`, `_with_webhook`, `_locked`, `_acknowledged`, `_held`, `_planned`, `_snapshotted`
ELSEWHERE = {
    *("hold", "release"),
    *("render", "comment", "report", "notify", "unlock", "acknowledge", "status", "key", "show"),
    *("snapshot", "init", "history"),
}
WITHOUT_SOURCES = ("init", "explain", "schema", "comment", "report", "notify", "show", "--help")
REPORTING = ("validate", "diff", "apply", "drift", "stamp", "report")
OFFLINE = (
    ("validate",), ("validate", "-v"), ("validate", "--log-format", "json"),
    ("environments",), ("rbac", "prod"), ("explain", "SEC001"), ("schema",),
    ("schema", "provider"), ("--help",), ("diff", "--help"),
)  # fmt: skip


@dataclass
class Sweep:
    """Runs commands, and keeps every byte that left them."""

    world: World
    scratch: Path
    written: dict[str, bytes] = field(default_factory=dict)
    codes: dict[str, int] = field(default_factory=dict)

    def reports(self, format_: str) -> str:
        """Everything so far in one format."""
        reports = (c.decode() for name, c in self.written.items() if name.endswith(f": {format_}"))
        return "\n".join(reports)

    def run_of(self, *words: str) -> str:
        """What a command printed, which is not kept."""
        self.run(*words)
        return self.written.popitem()[1].decode()

    def run(self, *words: str, kubeconfig: Path | None = None, **variables: str) -> int:
        number = len(self.codes)
        folder = self.scratch / str(number)
        (folder / "tmp").mkdir(parents=True)
        verb, *rest = words
        line = [verb, *rest]
        if verb not in WITHOUT_SOURCES and "--help" not in rest:
            line += ["-C", str(self.world.root)]
        if verb in REPORTING and "--help" not in rest:
            line += [word for name in FORMATS for word in ("-o", f"{name}={folder / name}")]
            line += ["-o", FORMATS[number % len(FORMATS)], "--color", "always"]
        if kubeconfig:
            line += ["--kubeconfig", str(kubeconfig)]
        clean = {
            k: v for k, v in os.environ.items() if not k.startswith(("KUBE", "GIT_", "RECONCILER_"))
        }
        ended = command(*line, env=clean | {"TMPDIR": str(folder / "tmp")} | variables)
        name = f"{number} {' '.join(words)}"
        self.codes[name] = ended.code
        self.written[name] = ended.output.encode("utf-8", "surrogateescape")
        for path in folder.rglob("*"):
            if path.is_file():
                self.written[f"{name}: {path.relative_to(folder)}"] = path.read_bytes()
        return ended.code


@pytest.fixture
def plants() -> Plants:
    return Plants()


@pytest.fixture
def world(tmp_path: Path, control_plane: ControlPlane, namespace: str, plants: Plants) -> World:
    """Applied once, and then full of secrets: in git, in the Secrets, in the objects."""
    for name, key in (("claude", "ANTHROPIC_API_KEY"), ("gateway", "api-key")):
        values = {key: plants.secret(f"Secret {name}")} | plants.files(f"Secret {name}")
        data = {k: base64.b64encode(v.encode()).decode() for k, v in values.items()}
        body = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "data": data}
        control_plane.create(f"namespaces/{namespace}/secrets", body)
    headers = f"  headers: {{X-Team: {plants.secret('header', 9, in_git=True)}}}\n"
    named = "sk-" + f"ant-api03-{plants.secret('file name')}"
    templates = {f"{named}.yaml.j2": CLAUDE + headers, "gateway.yaml.j2": GATEWAY}
    world = World.make(
        tmp_path / "config", {"prod": namespace}, control_plane.kubeconfig, templates=templates
    )
    world.write(_broken(plants))
    _commit(world.root, "sk-" + f"ant-api03-{plants.secret('branch')}")
    return world


def _broken(plants: Plants) -> Mapping[str, str]:
    """An environment whose files have a secret wherever a mistake can be."""
    key = "sk-" + "ant-api03-" + plants.secret("template")
    header = plants.secret("values header")
    said = plants.said("values").replace('"', "'").replace("\\", "").replace("\n", " ")
    return {
        "environments/broken/environment.yaml": f"configVersion: 1\nnamespaces: [llm]\n# {plants.secret('comment')}\n",
        "environments/broken/values.yaml": f'a: "{said}"\n{key}: 1\nb: {{headers: {{Team: {header}}}}}\n',
        "environments/broken/undefined.yaml.j2": f"a: {{{{ values['{key}'] }}}} # {plants.secret('beside')}\n",
        "environments/broken/syntax.yaml.j2": f"a: [{plants.secret('syntax')}: x7: {{{{ 'a' }}}}\n",
        "environments/broken/include.yaml.j2": f"{{% include '{key}' %}}\n",
        "environments/broken/kind.yaml.j2": f"apiVersion: v1\nkind: {key}\nmetadata: {{name: a}}\n",
        "environments/broken/field.yaml.j2": CLAUDE.replace("{{ values.claude.model | tojson }}", key)
        .replace("{{ values.claude.maxTokens }}", f"{plants.secret('wrong type')}")
        .replace("name: claude\nspec", f"name: b\n  namespace: llm\n  annotations: {{n: '{said}'}}\nspec"),
    }  # fmt: skip


def _commit(root: Path, branch: str) -> None:
    for words in (
        ("init", "-q", "-b", branch), ("add", "-A"),
        ("-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-q", "-m", "a"),
    ):  # fmt: skip
        subprocess.run(["git", *words], cwd=root, check=True, capture_output=True)


def _spoil(plane: ControlPlane, world: World, plants: Plants) -> None:
    """What others leave in live objects: annotations, fields, statuses, names of managers."""
    place = f"/apis/omnia.altairalabs.ai/v1alpha1/namespaces/{world.namespace}/providers/claude"
    last = {
        "spec": {
            "headers": {"X-Team": plants.secret("last-applied header")},
            "apiKey": plants.secret("last-applied"),
        }
    }
    annotations = {
        "kubectl.kubernetes.io/last-applied-configuration": json.dumps(last),
        "example.com/note": plants.said("annotation"),
        "example.com/token": plants.secret("annotation by name", 7),
    }
    live = {
        "model": f"m {plants.shapes('live value')['bearer']}",
        "baseURL": f"https://llm.example.com/v1?sig={plants.secret('live query')}",
        "headers": {
            "X-Team": plants.secret("live header"),
            "X-Other": plants.secret("header of others"),
        },
    }
    manager = f"token={plants.secret('manager')}"
    _patch(plane, place, {"metadata": {"annotations": annotations}, "spec": live}, manager)
    _not_ready(plane, place, plants.said("condition"), manager)


def _not_ready(plane: ControlPlane, path: str, message: str, manager: str) -> None:
    """The status that an operator writes, about the newest generation."""
    generation = plane.request("GET", path).json()["metadata"]["generation"]
    condition = {
        "type": "Ready" if "modelproviders" in path else "SecretFound",
        "status": "False",
        "reason": "Broken",
        "message": message,
        "observedGeneration": generation,
        "lastTransitionTime": "2026-07-24T02:14:00Z",
    }
    status = {"observedGeneration": generation, "conditions": [condition]}
    _patch(
        plane,
        f"{path}/status",
        {"status": status | ({} if "modelproviders" in path else {"phase": "Error"})},
        manager,
    )


def _patch(plane: ControlPlane, path: str, body: Any, manager: str) -> None:
    kind = {"Content-Type": "application/merge-patch+json"}
    answer = plane.request(
        "PATCH", path, headers=kind, params={"fieldManager": manager}, content=json.dumps(body)
    )
    answer.raise_for_status()


def _quoted(plane: ControlPlane, world: World) -> str:
    """Values of the Secrets as an operator that reads them could quote them, a whole one or a line of it."""
    quoted = []
    for name in ("claude", "gateway"):
        answer = plane.kubectl("get", "secret", name, "-n", world.namespace, "-o", "json")
        for value in json.loads(answer.stdout)["data"].values():
            text = base64.b64decode(value).decode()
            quoted += [f'invalid value "{line.strip()}"' for line in (text, *text.splitlines())]
    return "; ".join(quoted)


def _hostile(proxy: Proxy, world: World, plants: Plants) -> None:
    """Answers that quote secrets: refusals, failures, warnings, causes."""
    said = plants.said("server")
    cause = {
        "reason": "FieldValueInvalid",
        "message": said,
        "field": f"spec.{plants.secret('cause field')}",
    }
    body = failure(422, "Invalid", said, causes=[cause], name="claude")
    place = f"/namespaces/{world.namespace}/"
    proxy.on("PATCH", f"{place}providers", Say(response(422, body)))
    proxy.on(
        "PATCH",
        f"{place}modelproviders",
        say(200, {"kind": "Status", "status": "Failure", "message": said}),
    )
    proxy.on("GET", f"{place}models", say(403, failure(403, "Forbidden", said)))
    proxy.on("GET", f"{place}configmaps", say(500, failure(500, "InternalError", said)), times=40)


@pytest.mark.slow
@pytest.mark.control_plane
def test_no_byte_of_a_secret_leaves(
    world: World, plants: Plants, proxy: Proxy, control_plane: ControlPlane, tmp_path: Path
) -> None:
    sweep = Sweep(world, tmp_path / "sweep")
    admin = {"token": control_plane.admin_token}
    assert sweep.run("apply", "prod", kubeconfig=proxy.kubeconfig(admin)) == 0, sweep.written
    _spoil(control_plane, world, plants)
    for flow in FLOWS:
        grant(control_plane, world, flow)
        token = account(control_plane, world, f"reconciler-{flow}").token
        kubeconfig = proxy.kubeconfig({"token": token})
        for words in ONLINE:
            sweep.run(*words, "prod", "-v", kubeconfig=kubeconfig)
        _planned(sweep, plants, control_plane, kubeconfig)
        _snapshotted(sweep, kubeconfig)
        if flow == "review":  # all others read the Secrets, and know what a status quotes of them
            assert "said 401 for" in sweep.reports("text"), "the status is printed"
            _not_ready(control_plane, _gateway(world), _quoted(control_plane, world), "operator")
    assert "invalid value" in sweep.reports("text")
    for words in (*ONLINE, ("drift", "--record")):
        sweep.run(*words, "prod", kubeconfig=proxy.kubeconfig(admin))
    _hostile(proxy, world, plants)
    for words in (*ONLINE, ("apply",)):
        sweep.run(*words, "prod", "-v", kubeconfig=proxy.kubeconfig(admin))
    for words in OFFLINE:
        sweep.run(*words)
    _mistaken(sweep, plants, tmp_path)
    _locked(sweep, plants, control_plane)
    _acknowledged(sweep, plants, control_plane)
    _held(sweep, plants, control_plane)
    _with_plugin(sweep, plants, proxy, tmp_path)
    _with_forge(sweep, plants)
    _committed(sweep, plants, control_plane.kubeconfig)
    _as_events(sweep, control_plane)
    record = control_plane.kubectl("get", "configmap", "-n", world.namespace, "-o", "json").stdout
    sweep.written["the record"] = record.encode()

    scanner = Scanner(plants.secrets | {"admin": control_plane.admin_token})
    leaked = [
        f"{name}: {leak}" for name in sweep.written for leak in scanner.leaks(sweep.written[name])
    ]
    assert not leaked, "\n".join(leaked)
    assert _sent(proxy, plants) == []
    assert set(sweep.codes.values()) >= {0, 1, 2, 3, 5, 6, 9}
    assert 70 not in sweep.codes.values(), sweep.codes


def test_every_command_is_swept() -> None:
    """A new command is added to the sweep, with what others write and it prints."""
    swept = {words[0] for words in (*ONLINE, *OFFLINE)} | ELSEWHERE
    assert set(root.commands) <= swept


def _gateway(world: World) -> str:
    return f"/apis/agent.flokoa.ai/v1alpha1/namespaces/{world.namespace}/modelproviders/gateway"


def _mistaken(sweep: Sweep, plants: Plants, tmp_path: Path) -> None:
    """Arguments that somebody pasted into the wrong place, and what git describes."""
    pasted = "sk-" + f"ant-api03-{plants.secret('pasted')}"
    sweep.run("diff", "broken", "--cluster", f"directory:{tmp_path / 'live'}")
    sweep.run("validate", "--revision", "HEAD")
    sweep.run("validate", "--revision", pasted)
    sweep.run("validate", pasted)
    sweep.run("show", pasted, RECONCILER_LOG_FORMAT="json")
    for option in ("--vendor", "--context", "--action"):
        folder = str(tmp_path / f"init{option}")
        sweep.run("init", folder, "--system", "omnia", "--vendor", "mock", option, pasted)
    sweep.run("explain", pasted)
    sweep.run("diff", "prod", f"--{pasted}")
    sweep.run("diff", "prod", "--timeout", pasted)
    sweep.run("render", "broken")
    rendered = sweep.run_of("render", "prod")
    assert f"X-Team: {plants.secrets['header']}" in rendered, "manifests are printed as they are"
    assert plants.secrets["file name"] not in rendered


def _snapshotted(sweep: Sweep, kubeconfig: Path) -> None:
    """The live state full of secrets, which a job without credentials reads."""
    folder = sweep.scratch / f"snapshot {len(sweep.codes)}"
    words = ("snapshot", "prod", str(folder), "--revision", "HEAD")
    assert sweep.run(*words, kubeconfig=kubeconfig) == 0
    for path in folder.rglob("*.json"):
        sweep.written[f"{folder.name}: {path.relative_to(folder)}"] = path.read_bytes()
    for verbosity in VERBOSITY:
        sweep.run("diff", "prod", "--against", str(folder), *verbosity)


def _planned(sweep: Sweep, plants: Plants, plane: ControlPlane, kubeconfig: Path) -> None:
    """A plan of objects and names full of secrets, and files that somebody calls a plan."""
    plan = sweep.scratch / "plan.json"
    words = ("diff", "prod", "--revision", "HEAD", "--out", str(plan))
    assert sweep.run(*words, kubeconfig=kubeconfig) in (0, 1, 6)
    sweep.written[f"plan {len(sweep.codes)}"] = plan.read_bytes()
    for verbosity in VERBOSITY:
        assert sweep.run("show", str(plan), *verbosity) == 0
    assert sweep.run("show", str(plan), "-o", "json") == 0
    place = (
        f"/apis/omnia.altairalabs.ai/v1alpha1/namespaces/{sweep.world.namespace}/providers/claude"
    )
    edit = {"spec": {"model": f"m{len(sweep.codes)} {plants.shapes('moved value')['bearer']}"}}
    _patch(plane, place, edit, f"token={plants.secret('mover')}")
    follow = ("apply", "--plan", str(plan), "--dry-run", "--revision", "HEAD", "-v")
    assert sweep.run(*follow, kubeconfig=kubeconfig) in (6, 8)
    body = json.loads(plan.read_text()) | {"cluster": plants.said("a plan of somebody")}
    for text in (json.dumps(body), plants.said("no plan"), f'{{"{plants.secret("key")}": 1}}'):
        plan.write_text(text)
        assert sweep.run("show", str(plan)) == 2
    sweep.run("show", "sk-" + f"ant-api03-{plants.secret('pasted plan')}")


def _sent(proxy: Proxy, plants: Plants) -> list[str]:
    """Secrets that a request carries, besides those of git, which belong into the objects."""
    others = {place: text for place, text in plants.secrets.items() if place not in plants.allowed}
    scanner = Scanner(others)
    return [
        leak
        for passed in proxy.requests()
        for leak in scanner.leaks(passed.request.path.encode() + passed.request.body)
    ]


def _locked(sweep: Sweep, plants: Plants, plane: ControlPlane) -> None:
    """A lock whose holder has a name that somebody else wrote."""
    holder = "; ".join([plants.shapes("holder")["bearer"], plants.shapes("holder")["assigned"]])
    path = f"/apis/coordination.k8s.io/v1/namespaces/{sweep.world.namespace}/leases"
    name = "provider-reconciler-prod"
    spec = {"holderIdentity": holder, "leaseDurationSeconds": 3600}
    plane.request("DELETE", f"{path}/{name}")
    plane.request("POST", path, json={"metadata": {"name": name}, "spec": spec}).raise_for_status()
    assert sweep.run("key", "prod", kubeconfig=plane.kubeconfig) == 0
    assert sweep.run("unlock", "prod", "somebody", kubeconfig=plane.kubeconfig) == 2
    sweep.run("unlock", "prod", holder, kubeconfig=plane.kubeconfig)


def _acknowledged(sweep: Sweep, plants: Plants, plane: ControlPlane) -> None:
    """Keys that somebody pasted into a reason, which the record keeps, or in place of a Secret."""
    user = plane.kubeconfig
    pasted = "sk-" + f"ant-api03-{plants.secret('acknowledged')}"
    reason = ("--reason", plants.said("reason"))
    sweep.run("acknowledge", "prod", f"llm/{pasted}", *reason, kubeconfig=user)
    ahead = ("--all", "--until", "2999-01-01")
    assert sweep.run("acknowledge", "prod", *ahead, *reason, kubeconfig=user) == 0
    for words in ((), ("-v",), ("-o", "json")):
        assert sweep.run("status", "prod", *words, kubeconfig=user) == 0


def _held(sweep: Sweep, plants: Plants, plane: ControlPlane) -> None:
    """Keys that somebody pasted into the reason of a hold, which every report shows."""
    user, world = plane.kubeconfig, sweep.world
    address = f"modelprovider/{world.namespace}/gateway"
    reason = ("--reason", plants.said("hold"))
    assert sweep.run("hold", "prod", address, "--for", "1h", *reason, kubeconfig=user) == 0
    value = f"2999-01-01T00:00:00Z {plants.said('annotation')}"
    for words in (("diff",), ("drift",), ("apply", "--dry-run")):
        sweep.run(*words, "prod", kubeconfig=user)
    patch = json.dumps({"metadata": {"annotations": {"provider-reconciler/hold": value}}})
    plane.kubectl(
        "patch",
        "modelproviders.agent.flokoa.ai",
        "gateway",
        "-n",
        world.namespace,
        "--type=merge",
        "-p",
        patch,
    )
    sweep.run("diff", "prod", kubeconfig=user)
    assert sweep.run("release", "prod", address, kubeconfig=user) == 0


def _with_plugin(sweep: Sweep, plants: Plants, proxy: Proxy, tmp_path: Path) -> None:
    """A credential plugin that fails, and says why."""
    plugin = tmp_path / "plugin"
    plugin.write_text(f"#!/bin/sh\ncat >&2 <<'END'\n{plants.said('plugin')}\nEND\nexit 1\n")
    plugin.chmod(0o755)
    exec_ = {
        "apiVersion": "client.authentication.k8s.io/v1",
        "command": str(plugin),
        "interactiveMode": "Never",
    }
    sweep.run("diff", "prod", kubeconfig=proxy.kubeconfig({"exec": exec_}))


def _committed(sweep: Sweep, plants: Plants, kubeconfig: Path) -> None:
    """Reports on a branch of a git server that asks for a token, and quotes secrets when it refuses."""
    home = sweep.scratch / "git"
    home.mkdir()
    bare = home / "config.git"
    subprocess.run(["git", "init", "-q", "--bare", str(bare)], check=True, capture_output=True)
    subprocess.run(["git", "-C", str(bare), "config", "http.receivepack", "true"], check=True)
    token = home / "token"
    token.write_text(plants.secret("git token"))
    with served(home, home) as server:
        server.password = plants.secrets["git token"]
        words = ("--report-repository", f"{server.url}/config.git", "--git-token-file", str(token))
        trust = {"SSL_CERT_FILE": str(server.authority), "NO_PROXY": "127.0.0.1"}
        for verb in ("diff", "drift", "apply"):
            line = (verb, "prod", "--commit-report", "reports", *words)
            assert sweep.run(*line, kubeconfig=kubeconfig, **trust) != 9, sweep.written
        for words_of_history in (("log", "-p", "--format=raw", "reports"), ("branch", "-a")):
            said = subprocess.run(
                ["git", "-C", str(bare), *words_of_history], check=True, capture_output=True
            )
            sweep.written[f"the branch: {words_of_history[0]}"] = said.stdout
        for from_branch in ((), ("--branch", "reports", *words)):
            for more in (("-v",), ("-o", "json")):
                history_words = ("history", "prod", *more, *from_branch)
                assert sweep.run(*history_words, kubeconfig=kubeconfig, **trust) == 0, sweep.written
        hook = bare / "hooks/pre-receive"
        hook.write_text(f"#!/bin/sh\ncat >&2 <<'END'\n{plants.said('git server')}\nEND\nexit 1\n")
        hook.chmod(0o755)
        line = ("validate", "prod", "--commit-report", "reports", *words)
        assert sweep.run(*line) == 2
        line = (
            "drift",
            "prod",
            "--only",
            "model/nowhere/none",
            "--commit-report",
            "reports",
            *words,
        )
        assert sweep.run(*line, kubeconfig=kubeconfig, **trust) == 9


def _with_forge(sweep: Sweep, plants: Plants) -> None:
    """A report of another job that holds secrets, posted to a forge; and a forge that quotes some."""
    report = json.loads(
        next(v for k, v in sweep.written.items() if "drift prod" in k and k.endswith("json"))
    )
    report["environments"][0]["notes"] = [plants.said("report of another job")]
    file = sweep.scratch / "report.json"
    file.write_text(json.dumps(report))
    sweep.run("report", str(file))
    sweep.run("report", str(file), "-v", "--expect", "staging")
    forge = Forge()
    with serve(forge):
        words = (
            "comment",
            str(file),
            "--number",
            "1",
            "--api-url",
            forge.url,
            "--forge-repository",
            "a/b",
        )
        token = plants.secret("forge token")
        sweep.run(*words, GITHUB_TOKEN=token)
        sweep.run(*words, GITHUB_TOKEN=f"{token}\n")
        forge.faults.append(lambda *_: (422, {"message": plants.said("forge")}, {}))
        sweep.run(*words, GITHUB_TOKEN=token)
    assert forge.comments
    sweep.written["comments"] = json.dumps(forge.comments).encode()
    _with_webhook(sweep, plants, file)
    _with_collector(sweep, file)


def _as_events(sweep: Sweep, plane: ControlPlane) -> None:
    """The same report as Events of the cluster."""
    report, state = sweep.scratch / "report.json", sweep.scratch / "events.json"
    words = ("notify", str(report), "--events", "--state", str(state), "-C", str(sweep.world.root))
    assert sweep.run(*words, kubeconfig=plane.kubeconfig) == 0
    written = plane.kubectl("get", "events", "-n", sweep.world.namespace, "-o", "json").stdout
    assert "provider-reconciler" in written
    sweep.written["events"] = written.encode()


def _with_issue(sweep: Sweep, plants: Plants, report: Path) -> None:
    """The same report in an issue of a forge, which then quotes secrets when it refuses."""
    token = plants.secret("token for issues")
    with serve(Tracker()) as tracker:
        place = ("--api-url", tracker.url, "--forge-repository", "a/b")
        words = ("notify", str(report), "--issue", *place)
        assert sweep.run(*words, GITHUB_TOKEN=token) == 0
        tracker.faults = [lambda *_: (422, {"message": plants.said("tracker")}, {})]
        assert sweep.run(*words, GITHUB_TOKEN=token) == 9
    assert tracker.issues
    sweep.written["issues"] = json.dumps(tracker.issues).encode()


def _with_collector(sweep: Sweep, report: Path) -> None:
    """The figures of the same report for a collector of OpenTelemetry."""
    with collector() as receiving:
        sweep.run("report", str(report), "--otlp", receiving.url)
    assert len(receiving.requests) == 1
    sweep.written["figures for OpenTelemetry"] = str(receiving.requests[0]).encode()


def _with_webhook(sweep: Sweep, plants: Plants, report: Path) -> None:
    """The same report for a webhook whose URL is a secret, which refuses it, and then takes it."""
    words = ("notify", str(report), "--state", str(sweep.scratch / "state.json"))
    with webhook(Receiver(faults=[500] * 4)) as receiver:
        url = f"{receiver.url.partition('?')[0]}?{plants.secret('webhook')}"
        sweep.run(*words, RECONCILER_WEBHOOK=url)
        receiver.faults = []
        sweep.run(*words, RECONCILER_WEBHOOK=url)
        for body in ("slack", "teams"):
            state = ("--state", str(sweep.scratch / f"{body}.json"))
            sweep.run(*words[:2], *state, "--body", body, RECONCILER_WEBHOOK=url)
    assert len(receiver.bodies) == 3
    _with_issue(sweep, plants, report)
    sweep.written["notification"] = json.dumps(receiver.bodies).encode()
    sweep.written["state of notifications"] = (sweep.scratch / "state.json").read_bytes()
