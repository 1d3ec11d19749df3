"""`status`, `acknowledge` and `key` on the command line: what they take, print and refuse."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from reconciler.cli import main
from reconciler.cli.record.printed import _end
from reconciler.errors import UsageError
from reconciler.model.record.config_map import from_config_map
from reconciler.model.refused_secrets import OWN_KEY
from reconciler.text.yaml import load_one
from tests.interpreters.warm import Ended, command
from tests.repository import write
from tests.stages.live import HOME
from tests.test_pipeline import CLAUDE

CONFIG = f"configVersion: 1\nhome: {HOME}\nnamespaces: [omnia]\ncluster: {{path: live}}\n"
SECRET = """\
apiVersion: v1
kind: Secret
metadata: {{name: claude, namespace: omnia}}
data: {{ANTHROPIC_API_KEY: {value}}}
"""
NOW = datetime(2026, 8, 20, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Applied, rotated, and recorded; each test reads it, or changes what no other one reads."""
    root = tmp_path_factory.mktemp("record") / "config"
    folder = "environments/prod"
    write(root, {f"{folder}/environment.yaml": CONFIG, f"{folder}/claude.yaml.j2": CLAUDE})
    (root / "live" / HOME).mkdir(parents=True)
    rotate(root, "sk-ant-the-first-value")
    assert ran("apply", "prod", "-C", root).code == 0
    rotate(root, "sk-ant-the-second-value")
    assert ran("drift", "prod", "--record", "-C", root).code == 1
    return root


def rotate(root: Path, value: str) -> None:
    text = SECRET.format(value=base64.b64encode(value.encode()).decode())
    write(root, {"live/omnia/secrets/claude.yaml": text})


def ran(*args: str | Path) -> Ended:
    return command(*args)


def test_status_prints_what_is_open_in_every_environment(repository: Path) -> None:
    done = ran("status", "-C", repository)
    assert (done.code, done.stderr) == (0, "")
    assert "OPEN        Secret omnia/claude [ANTHROPIC_API_KEY]   just now\n" in done.stdout
    accept = f"accept   reconciler acknowledge prod -C {repository} omnia/claude --reason TEXT\n"
    assert accept in done.stdout


def test_status_as_json_to_a_file(repository: Path, tmp_path: Path) -> None:
    path = tmp_path / "status.json"
    done = ran("status", "prod", "-C", repository, "-o", f"json={path}")
    assert (done.code, done.stdout) == (0, "")
    (environment,) = json.loads(path.read_text())["environments"]
    (secret,) = environment["secrets"]
    assert secret["rotations"][-1]["closed"] is None
    assert environment["applied"]["time"].endswith("Z")


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("status", "prod", "-o", "markdown"), "status has the formats text and json"),
        (("acknowledge", "--reason", "x"), "acknowledge takes an environment"),
        (("acknowledge", "prod", "--reason", "x"), "acknowledge takes Secrets, or --all"),
        (("acknowledge", "prod", "a/b", "--all", "--reason", "x"), "Secrets or --all, not both"),
        (("acknowledge", "prod", "--all"), "Missing option '--reason'"),
        (("acknowledge", "prod", "--all", "--reason", " "), "it is empty"),
        (("acknowledge", "prod", "a/b", "--reason", "x"), "the record has no Secret a/b"),
        (
            ("acknowledge", "prod", "--all", "--reason", "x", "--until", "2020-01-01"),
            "it is in the past",
        ),
    ],
)
def test_a_mistake_is_said_and_changes_nothing(
    repository: Path, args: tuple[str, ...], message: str
) -> None:
    done = ran(*args, "-C", repository)
    assert (done.code, done.stdout) == (2, "")
    assert message in done.stderr
    assert "OPEN" in ran("status", "-C", repository).stdout


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("", ""),
        ("2026-08-20", "2026-08-20T23:59:59Z"),
        ("2026-08-20T14:00:00+01:00", "2026-08-20T13:00:00Z"),
        ("2026-08-20T13:00", "2026-08-20T13:00:00Z"),
    ],
)
def test_a_date_includes_its_day(text: str, end: str) -> None:
    assert _end(text, NOW) == end


@pytest.mark.parametrize("text", ["2026-08-20T12:00:00Z", "2026-08-19", "soon", "2026-13-01"])
def test_no_other_end_is_taken(text: str) -> None:
    with pytest.raises(UsageError, match="--until"):
        _end(text, NOW)


def test_a_reason_that_holds_a_key_is_not_kept(repository: Path) -> None:
    """It would stay in the record, for everybody who may read that."""
    pasted = "sk-ant-api03-9f2c81d07be34a6fb5d8c1e2a7f30946bb"
    done = ran(
        *("acknowledge", "prod", "--all", "--reason", f"now {pasted}", "--until", "2999-01-01"),
        *("-C", repository),
    )
    assert done.code == 0
    assert done.stdout.splitlines() == [
        "acknowledged  omnia/claude [ANTHROPIC_API_KEY]",
        "ahead         omnia/claude [ANTHROPIC_API_KEY], until 2999-01-01T23:59:59Z",
    ]
    assert "CLOSED" in ran("status", "-v", "-C", repository).stdout
    (file,) = (repository / "live" / HOME / "configmaps").iterdir()
    config_map = load_one(file.read_text(), file.name)
    assert isinstance(config_map, dict)
    record = from_config_map(config_map, "prod")
    assert record
    (secret,) = record.secrets.values()
    assert secret.acknowledged
    assert secret.acknowledged.reason.startswith("now ")
    assert pasted not in repr(record)


@pytest.fixture
def unapplied(tmp_path: Path) -> Path:
    """A repository that nobody has applied, whose home namespace exists."""
    root, folder = tmp_path / "config", "environments/prod"
    write(root, {f"{folder}/environment.yaml": CONFIG, f"{folder}/claude.yaml.j2": CLAUDE})
    (root / "live" / HOME).mkdir(parents=True)
    rotate(root, "sk-ant-a-value")
    return root


def stored_key(root: Path) -> Path:
    return root / "live" / HOME / "secrets" / f"{OWN_KEY}.yaml"


def test_key_makes_the_key_once_and_never_prints_it(unapplied: Path) -> None:
    first = ran("key", "prod", "-C", unapplied)
    assert (first.code, first.stdout) == (0, f"prod: Secret {HOME}/{OWN_KEY}  created\n")
    made = stored_key(unapplied).read_text()
    again = ran("key", "prod", "-C", unapplied)
    assert (again.code, again.stdout) == (
        0,
        f"prod: Secret {HOME}/{OWN_KEY}  exists, nothing to do\n",
    )
    assert ran("apply", "prod", "-C", unapplied).code == 0
    assert stored_key(unapplied).read_text() == made


def test_a_lost_key_is_replaced_only_on_demand(unapplied: Path) -> None:
    assert ran("apply", "prod", "-C", unapplied).code == 0
    stored_key(unapplied).unlink()
    refused = ran("key", "prod", "-C", unapplied)
    assert (refused.code, refused.stdout) == (8, "")
    assert "the record has fingerprints that it made" in refused.stderr
    assert "--replace-lost" in refused.stderr
    assert not stored_key(unapplied).exists()
    assert ran("key", "prod", "--replace-lost", "-C", unapplied).code == 0
    assert stored_key(unapplied).exists()


def test_key_refuses_another_cluster_than_the_environment_pins(unapplied: Path) -> None:
    pinned = CONFIG.replace("{path: live}", "{path: live, uid: 7f0d}")
    write(unapplied, {"environments/prod/environment.yaml": pinned})
    done = ran("key", "prod", "-C", unapplied)
    assert (done.code, done.stdout) == (8, "")
    assert not stored_key(unapplied).exists()


def test_messages_lead_a_new_user_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Everything that a first try without a cluster, a report or a forge leaves out."""
    settings = "configVersion: 1\nnamespaces: [llm]\ncluster: {type: kubernetes}\n"
    write(tmp_path, {"environments/dev/environment.yaml": settings})
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("KUBECONFIG", "KUBERNETES_SERVICE_HOST", "GITHUB_REPOSITORY", "CI_PROJECT_PATH"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "report.md").write_text("# A report\n")
    for words, says in (
        ("history dev", "--cluster directory:FOLDER"),
        ("notify drift.json", "-o json=drift.json of a run writes it"),
        ("comment report.md --number 3", "nothing names the repository of GitHub"),
        ("history dev -o yaml", "history has the formats text and json"),
        ("history dev --branch reports", "that has the branch"),
        ("history dev --branch reports --report-repository git@a:b/c", "ssh://HOST/PATH"),
    ):
        assert main(words.split()) in (2, 9)
        shown = capsys.readouterr().err
        assert says in shown
        assert "(redacted)" not in shown
