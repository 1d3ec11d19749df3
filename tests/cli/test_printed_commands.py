"""Every command that a run prints is run, as it stands, and does what was promised."""

from __future__ import annotations

import base64
import re
import shlex
import subprocess
from dataclasses import dataclass
from pathlib import Path

import click
import pytest

from reconciler.cli.root import root as program
from reconciler.errors import ExitCode
from reconciler.model.command import ACCEPTED, Invocation
from tests.interpreters.warm import Ended, command
from tests.repository import write
from tests.test_pipeline import CLAUDE, MOCK

CONFIG = "configVersion: 1\nnamespaces: [omnia]\nextends: [base]\n"
FOLDER = "providers.omnia.altairalabs.ai"
COMMAND = re.compile(
    r"(?:^|[ `(])((?:reconciler|rm) .+?)(?: (?:lists|tells) [a-z ]+\)?)?$", re.MULTILINE
)


@dataclass(frozen=True)
class Printed:
    """A repository in git, and a cluster that no environment names; commands run elsewhere."""

    repository: Path
    cluster: Path

    @property
    def where(self) -> tuple[str, ...]:
        return ("-C", str(self.repository), "--cluster", f"directory:{self.cluster}")

    def run(self, *words: str) -> Ended:
        return command(*words, *self.where)

    def again(self, text: str, verb: str) -> Ended:
        """Run the only command of a verb that a text has, as a shell would read it."""
        (line,) = {each for each in COMMAND.findall(text) if f" {verb} " in f"{each} "}
        program_name, *words = shlex.split(line)
        assert program_name == "reconciler"
        return command(*words)

    def git(self, *words: str) -> str:
        identity = ("-c", "user.name=t", "-c", "user.email=t@example.com")
        done = subprocess.run(
            ["git", "-C", str(self.repository), *identity, *words],
            check=True, capture_output=True, text=True,
        )  # fmt: skip
        return done.stdout.strip()

    def commit(self) -> str:
        self.git("add", "-A")
        self.git("commit", "-qm", "x")
        return self.git("rev-parse", "HEAD")

    def live(self, name: str) -> Path:
        return self.cluster / "omnia" / FOLDER / f"{name}.yaml"

    def secret(self, value: str) -> None:
        data = base64.b64encode(value.encode()).decode()
        text = (
            "apiVersion: v1\nkind: Secret\nmetadata: {name: claude, namespace: omnia}\n"
            f"data: {{ANTHROPIC_API_KEY: {data}}}\n"
        )
        write(self.cluster, {"omnia/secrets/claude.yaml": text})


@pytest.fixture
def printed(tmp_path: Path) -> Printed:
    files = {
        "environments/base/values.yaml": "x: 1\n",
        "environments/prod/environment.yaml": CONFIG,
        "environments/prod/claude.yaml.j2": CLAUDE,
        "environments/prod/mock.yaml.j2": MOCK,
    }
    made = Printed(write(tmp_path / "my config", files), tmp_path / "a cluster")
    made.git("init", "-q", "-b", "main")
    made.commit()
    made.secret("sk-ant-the-first-value")
    return made


def test_next_applies_the_revision_and_the_object_that_were_shown(printed: Printed) -> None:
    """The working tree is another one by then, and so is the branch."""
    write(printed.repository, {"environments/prod/mock.yaml.j2": MOCK.replace("one", "two")})
    shown = printed.run("diff", "prod", "--revision", "main", "--only", "provider/omnia/mock")
    assert shown.code == 1
    printed.commit()
    assert printed.again(shown.stdout, "apply").code == 0
    assert "model: one" in printed.live("mock").read_text()
    assert not printed.live("claude").exists()


def test_next_of_a_dry_run_and_of_a_watch(printed: Printed) -> None:
    dry = printed.run("apply", "prod", "--dry-run")
    assert printed.again(dry.stdout, "apply").code == 0
    write(printed.repository, {"environments/prod/mock.yaml.j2": MOCK.replace("one", "two")})
    waits = printed.run("drift", "prod")
    assert waits.code == 0, waits.output
    again = printed.again(waits.stdout, "diff")
    assert again.code == 1
    assert "CHANGED     Provider omnia/mock" in again.stdout


def test_next_of_a_plan_does_what_the_plan_says(printed: Printed, tmp_path: Path) -> None:
    file = tmp_path / "the plan.json"
    only = ("--revision", "main", "--only", "provider/omnia/mock")
    shown = printed.run("diff", "prod", *only, "--out", str(file))
    assert f"--plan '{file}'" in shown.stdout
    followed = printed.again(shown.stdout, "apply")
    assert followed.code == 0, followed.output
    assert "as reviewed in plan" in followed.stdout
    assert printed.live("mock").exists()
    assert not printed.live("claude").exists()


def test_next_of_a_plan_that_is_shown_names_its_cluster(printed: Printed, tmp_path: Path) -> None:
    """A plan does not say where the repository is."""
    file = tmp_path / "plan.json"
    assert printed.run("diff", "prod", "--out", str(file)).code == 1
    shown = command("show", str(file))
    (line,) = COMMAND.findall(shown.stdout)
    assert command(*shlex.split(line)[1:], "-C", str(printed.repository)).code == 0
    assert printed.live("mock").exists()


def test_what_comes_first_is_applied_to_its_own_cluster(printed: Printed) -> None:
    """`--cluster` names the cluster of prod, and never the one of what comes before it."""
    own = printed.repository / ".clusters" / "staging"
    write(
        printed.repository,
        {
            "environments/staging/environment.yaml": CONFIG,
            "environments/staging/mock.yaml.j2": MOCK.replace("name: mock", "name: staged"),
            "environments/prod/environment.yaml": f"{CONFIG}after: [staging]\n",
        },
    )
    printed.commit()
    stopped = printed.run("apply", "prod", "--only", "provider/omnia/mock")
    assert stopped.code == ExitCode.SAFETY, stopped.output
    assert printed.again(stopped.output.replace("; or", "\n or"), "apply").code == 0
    assert (own / "omnia" / FOLDER / "staged.yaml").exists()
    assert not printed.live("staged").exists()
    assert printed.run("apply", "prod", "--only", "provider/omnia/mock").code == 0


@pytest.mark.parametrize(
    ("cluster", "options"),
    [
        ("directory:a b", ["--cluster", "directory:a b"]),
        ("prod-eu", ["--context", "prod-eu"]),
        ("in-cluster", []),
    ],
)
def test_a_cluster_by_its_name_in_reports(cluster: str, options: list[str]) -> None:
    assert shlex.split(Invocation.at(cluster).command("apply"))[2:] == options


def test_undo_and_restore_touch_only_what_they_name(printed: Printed) -> None:
    assert printed.run("apply", "prod").code == 0
    for name in ("mock", "claude"):
        edited = printed.live(name).read_text().replace("model: one", "model: other")
        printed.live(name).write_text(edited)
    only = printed.run("drift", "prod", "--only", "provider/omnia/mock")
    assert printed.again(only.stdout, "apply").code == 0
    assert "model: one" in printed.live("mock").read_text()
    assert "model: other" in printed.live("claude").read_text()
    assert printed.again(printed.run("drift", "prod").stdout, "apply").code == 0
    printed.live("mock").unlink()
    missing = printed.run("drift", "prod")
    assert "restore" in missing.stdout
    assert printed.again(missing.stdout, "apply").code == 0
    assert printed.run("drift", "prod").code == 0


def test_a_rotation_is_recorded_and_accepted(printed: Printed) -> None:
    assert printed.run("apply", "prod").code == 0
    printed.secret("sk-ant-the-second-value")
    rotated = printed.run("drift", "prod")
    assert rotated.code == 1
    recorded = printed.again(rotated.stdout, "drift")
    assert printed.again(recorded.stdout, "acknowledge").code == 0
    assert printed.run("drift", "prod").code == 0
    printed.secret("sk-ant-the-third-value")
    printed.run("drift", "prod", "--record")
    open_ = printed.run("status", "prod")
    assert printed.again(open_.stdout, "acknowledge").code == 0


def test_status_without_a_record_names_the_command_that_tells_why(printed: Printed) -> None:
    status = printed.run("status", "prod")
    assert "no record" in status.stdout
    again = printed.again(status.stdout, "drift")
    assert "never applied before" in again.stdout


def test_minor_findings_are_counted_and_validate_prints_them(printed: Printed) -> None:
    risky = MOCK.replace("type: mock", "type: vllm\n  baseURL: http://llm.example.com")
    write(printed.repository, {"environments/prod/mock.yaml.j2": risky})
    commit = printed.commit()
    write(printed.repository, {"environments/prod/mock.yaml.j2": MOCK})
    shown = printed.run("diff", "prod", "--revision", commit)
    assert "  1 warning: " in shown.stdout
    assert "warning[OM051]" in printed.again(shown.stdout, "validate").stdout


def test_next_deletes_what_the_diff_says_that_it_deletes(printed: Printed) -> None:
    assert printed.run("apply", "prod").code == 0
    (printed.repository / "environments/prod/mock.yaml.j2").unlink()
    printed.commit()
    shown = printed.run("diff", "prod", "--prune", "--prune-limit", "1")
    assert printed.again(shown.stdout, "apply").code == 0
    assert not printed.live("mock").exists()
    assert printed.live("claude").exists()


def test_what_git_no_longer_has_is_deleted_by_the_printed_command(printed: Printed) -> None:
    assert printed.run("apply", "prod").code == 0
    (printed.repository / "environments/prod/mock.yaml.j2").unlink()
    kept = printed.run("diff", "prod")
    (line,) = [each for each in COMMAND.findall(kept.stdout) if each.startswith("rm ")]
    subprocess.run(["sh", "-c", line], check=True)
    assert not printed.live("mock").exists()
    assert "KEPT" not in printed.run("diff", "prod").stdout


@pytest.mark.parametrize(
    ("words", "verb", "says"),
    [
        (("apply",), "environments", "prod"),
        (("stamp",), "environments", "prod"),
        (("acknowledge", "--reason", "r"), "status", "prod"),
        (("acknowledge", "prod", "--reason", "r"), "status", "prod"),
        (("acknowledge", "prod", "omnia/claude", "--reason", "r"), "drift", "prod"),
        (("explain", "nothing"), "explain", "OM059"),
    ],
)
def test_hints_of_the_command_line(
    printed: Printed, words: tuple[str, ...], verb: str, says: str
) -> None:
    wrong = command(*words) if words[0] == "explain" else printed.run(*words)
    assert wrong.code == 2, wrong.output
    assert says in printed.again(wrong.stderr, verb).output


ACCESS = ("token-file", "user", "key-file", "known-hosts-file", "signers-file")


@pytest.mark.parametrize("name", sorted(program.commands))  # type: ignore[attr-defined]
def test_a_printed_command_has_the_options_that_it_accepts_and_no_others(name: str) -> None:
    overrides = (
        ("--take", "spec.model"),
        ("--prune",),
        ("--no-prune",),
        ("--prune-limit", "1"),
        ("--allow-rollback",),
    )
    everything = Invocation(
        *("c", "r", "t", "k", "x", "directory:f"),
        insecure_skip_tls_verify=True,
        only=("a/b/c",),
        full=True,
        overrides=overrides,
        access=tuple((f"--git-{word}", "f") for word in ACCESS),
    )
    ours = {o for o in shlex.split(everything.command("diff")) if o.startswith("-")}
    ours |= {o for o in shlex.split(everything.command("apply")) if o.startswith("-")}
    assert isinstance(program, click.Group)
    parameters = program.commands[name].params
    accepted = {o for p in parameters for o in (*p.opts, *p.secondary_opts)} & ours
    assert accepted == ACCEPTED.get(name, frozenset())
    words = shlex.split(everything.command(name))
    assert {word for word in words if word.startswith("-")} == accepted


def test_words_replace_options_and_everything_is_quoted() -> None:
    shown = Invocation("a b", only=("provider/omnia/a",), revision="main")
    assert shown.command("apply", "prod", "--only", "x") == (
        "reconciler apply prod -C 'a b' --revision main --only x"
    )
    assert shown.of("0123456789abcdef").revision == "0123456789ab"
    assert Invocation().of("0123456789abcdef").revision == ""
