"""The commands of the README's "In your cluster", as they stand: the examples here, fetched from a git server."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.adapters.sources.ssh_server import serving_ssh
from tests.lock import ROOT
from tests.node import config, git_server
from tests.node.installation import POD, Installation
from tests.node.node import Node
from tests.node.shell import run_script
from tests.world import World

_TOKEN = "git-canary-4c1f9a7e2b"
_AUTHOR = ("-c", "user.name=a", "-c", "user.email=a@example.com")
_HOME = "llm-system"  # as `deploy/` names it
_BLOCK = re.compile(r"^## In your cluster\n.*?```console\n(.*?)```", re.DOTALL | re.MULTILINE)


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """What a user has: this repository, and its examples in a repository of their own on a server."""
    for name in ("environments", "templates", "deploy"):
        shutil.copytree(ROOT / name, tmp_path / "clone" / name)
    own = tmp_path / "clone"
    git("init", "--quiet", "--initial-branch=main", str(own))
    git("-C", str(own), "add", "environments", "templates")
    git("-C", str(own), *_AUTHOR, "commit", "--quiet", "--message=examples")
    git("clone", "--quiet", "--bare", str(own), str(tmp_path / "served/config.git"))
    git("-C", str(tmp_path / "served/config.git"), "config", "http.receivepack", "true")
    return own


def git(*words: str) -> str:
    done = subprocess.run(["git", *words], check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout.strip()


def test_the_two_commands(clone: Path, node: Node, tmp_path: Path) -> None:
    for name in ("llm", "omnia"):
        body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
        node.apply(json.dumps(body))
    with git_server.serving(node, tmp_path / "served", tmp_path, _TOKEN) as url:
        settings = clone / "deploy/base/settings.env"
        text = settings.read_text().replace(
            "https://git.example.com/your-org/your-config", f"{url}/config.git"
        )
        settings.write_text(f"{text}RECONCILER_COMMIT_REPORT=reports\n")
        trust(clone / "deploy/watch", tmp_path / "authority.pem")
        script = _BLOCK.search((ROOT / "README.md").read_text())
        assert script is not None
        lines = re.findall(r"^\$ (.*)$", script[1], re.MULTILINE)
        assert len(lines) == 2
        # The examples of the clone are the configuration here.
        script_here = "\n".join(lines).replace("../my-config", ".")
        done = run_script(script_here, node, clone)
        assert done.returncode == 0, done.stderr
        (tmp_path / "token").write_text(_TOKEN)
        made = ("create", "secret", "generic", "reconciler-git", "-n", _HOME)
        node.kubectl(*made, f"--from-file=token={tmp_path / 'token'}")
        installation = Installation(node, World(clone, {"prod": _HOME}), clone / "deploy")
        ran = installation.run("reconciler-watch")
    assert git("-C", str(clone), "rev-parse", "--short=7", "HEAD") in ran.log
    assert ran.verdict == "prod: 15 findings need attention; exit 1: missing key"
    assert "no permission" not in ran.log, "the printed Roles are enough"
    assert _TOKEN not in ran.log
    # What it found is where the pod cannot take it along: on a branch of the repository.
    report = json.loads(
        git("-C", str(tmp_path / "served/config.git"), "show", "reports:prod/drift.json")
    )
    assert (report["command"], report["exitCode"]) == ("drift", 1)
    assert _TOKEN not in json.dumps(report)


def test_a_repository_by_ssh(
    clone: Path, installation: Installation, node: Node, tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    """With the key and the host that the Secret of the README has, read by a user who does not own the files."""
    (pid,) = node.pids
    within = ("nsenter", "--target", str(pid), "--net", "--")
    home = tmp_path / "ssh"
    home.mkdir()
    with serving_ssh(pytestconfig, home, config.GATEWAY, within) as server:
        installation.install("watch")
        files = [f"--from-file={name}={home / name}" for name in ("key", "known_hosts")]
        made = ("create", "secret", "generic", "reconciler-git", "-n", installation.home)
        node.kubectl(*made, *files)
        settings = installation.deploy / "base/settings.env"
        served = tmp_path / "served/config.git"
        settings.write_text(
            f"RECONCILER_REPOSITORY={server.url}{served}\nENVIRONMENT=prod\n"
            "RECONCILER_GIT_KEY_FILE=/var/run/reconciler/git/key\n"
            "RECONCILER_GIT_KNOWN_HOSTS_FILE=/var/run/reconciler/git/known_hosts\n"
        )
        installation.reinstall()
        ran = installation.run("reconciler-watch")
    assert git("-C", str(clone), "rev-parse", "--short=7", "HEAD") in ran.log, ran.log


def trust(overlay: Path, authority: Path) -> None:
    """As the README of `deploy/` says for a server whose authority is the user's own."""
    shutil.copy(authority, overlay / "authority.pem")
    with (overlay / "kustomization.yaml").open("a") as file:
        file.write(_TRUST)


_TRUST = f"""
configMapGenerator:
  - name: reconciler-authority
    namespace: {_HOME}
    files: [authority.pem]
patches:
  - target: {{kind: CronJob}}
    patch: |-
      - op: add
        path: {POD}/volumes/-
        value: {{name: authority, configMap: {{name: reconciler-authority}}}}
      - op: add
        path: {POD}/containers/0/volumeMounts/-
        value: {{name: authority, mountPath: /etc/reconciler, readOnly: true}}
      - op: add
        path: {POD}/containers/0/env/-
        value: {{name: SSL_CERT_FILE, value: /etc/reconciler/authority.pem}}
"""
