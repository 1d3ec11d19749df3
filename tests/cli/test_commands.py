"""The verbs: their options and variables, their help, what they import, and what they print without a report."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import click
import pytest
from click.shell_completion import ShellComplete

from reconciler.adapters.sources.worktree import Worktree
from reconciler.cli.root import root
from reconciler.cli.wiring.inputs import Inputs
from reconciler.cli.wiring.names import files_among, resolve
from reconciler.errors import EnvironmentFileError, ExitCode, UsageError
from reconciler.reports import FORMATS
from tests.interpreters.warm import Ended, command
from tests.repository import write

COMMAND = Path(sys.executable).with_name("reconciler")
CONFIG = "configVersion: 1\nnamespaces: [omnia]\n"
PLAIN = """\
apiVersion: omnia.altairalabs.ai/v1alpha1
kind: Provider
metadata: {name: claude, namespace: omnia}
spec: {type: claude, model: claude-haiku-4-5, credential: {secretRef: {name: anthropic}}}
---
apiVersion: agent.flokoa.ai/v1alpha1
kind: ModelProvider
metadata: {name: gateway, namespace: llm}
spec: {apiKeySecretRef: {name: openai, key: api-key}, openai: {baseURL: "https://llm.example.com/v1"}}
---
apiVersion: agent.flokoa.ai/v1alpha1
kind: Model
metadata: {name: fast, namespace: llm}
spec: {model: "openai:gpt-4o", providerRef: {name: gateway}}
"""
MOCK = """\
apiVersion: omnia.altairalabs.ai/v1alpha1
kind: Provider
metadata:
  name: mock
spec:
  type: mock
  model: {{ values.model | tojson }}
"""
BROKEN = "a: {{ values.nowhere }}\n"


# What a CI system sets by itself has the CI system's own name.
_OF_CI = {
    "--commit": ["GITHUB_SHA", "CI_COMMIT_SHA"],
    "--forge-repository": ["GITHUB_REPOSITORY", "CI_PROJECT_PATH"],
    "--api-url": ["GITHUB_API_URL", "CI_API_V4_URL"],
}


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return write(
        tmp_path / "config",
        {
            "environments/dev/environment.yaml": CONFIG,
            "environments/dev/values.yaml": "model: small\n",
            "environments/dev/mock.yaml.j2": MOCK,
            "environments/prod/environment.yaml": CONFIG,
            "environments/prod/values.yaml": "model: large\n",
            "environments/prod/mock.yaml.j2": MOCK,
        },
    )


def ran(*args: str | Path, cwd: Path | None = None, **variables: str) -> Ended:
    clean = {name: v for name, v in os.environ.items() if not name.startswith("RECONCILER_")}
    return command(*args, cwd=cwd, env=clean | variables)


def commands() -> Iterator[tuple[str, click.Command]]:
    assert isinstance(root, click.Group)
    yield from root.commands.items()


def options() -> Iterator[tuple[str, click.Option]]:
    for name, definition in commands():
        for parameter in definition.params:
            if isinstance(parameter, click.Option):
                yield name, parameter


class TestVariables:
    """Every option can be an environment variable."""

    @pytest.mark.parametrize(
        "option", [pytest.param(o, id=f"{name} {o.name}") for name, o in options()]
    )
    def test_every_option_has_the_variable_of_its_name(self, option: click.Option) -> None:
        (long,) = (name for name in option.opts if name.startswith("--"))
        expected = "RECONCILER_" + long.lstrip("-").replace("-", "_").upper()
        assert option.envvar == _OF_CI.get(long, expected)

    @pytest.mark.parametrize(
        "option", [pytest.param(o, id=f"{name} {o.name}") for name, o in options()]
    )
    def test_an_option_says_what_it_is_for(self, option: click.Option) -> None:
        without = {"--forge-repository", "--api-url", "--color"}
        assert option.help or set(option.opts) & without

    def test_a_dry_run_by_variable_changes_nothing(self, repository: Path) -> None:
        done = ran("apply", "dev", "-C", repository, RECONCILER_DRY_RUN="1")
        assert done.code == 0, done.stdout + done.stderr
        assert not (repository / ".clusters").exists()
        assert ran("apply", "dev", "-C", repository).code == 0
        assert (repository / ".clusters/dev").exists()

    def test_several_variables_at_once(self, repository: Path, tmp_path: Path) -> None:
        report = tmp_path / "report.json"
        done = ran(
            "diff", "dev",
            RECONCILER_REPOSITORY=str(repository),
            RECONCILER_CLUSTER=f"directory:{tmp_path}/elsewhere",
            RECONCILER_OUTPUT=f"json={report}",
            RECONCILER_DIFF_EXIT_CODE="0",
        )  # fmt: skip
        assert (done.code, done.stdout) == (0, "")
        environment = json.loads(report.read_text())["environments"][0]
        assert environment["cluster"]["name"] == f"directory:{tmp_path}/elsewhere"

    def test_an_option_wins_over_its_variable(self, repository: Path) -> None:
        done = ran("diff", "dev", "-C", repository, RECONCILER_REPOSITORY="/nowhere-at-all")
        assert done.code == 1, done.stderr

    @pytest.mark.parametrize(("name", "value"), [("DRY_RUN", "perhaps"), ("TIMEOUT", "soon")])
    def test_a_variable_that_says_nothing_is_usage(
        self, repository: Path, name: str, value: str
    ) -> None:
        variables = {f"RECONCILER_{name}": value}
        done = ran("apply", "dev", "-C", repository, cwd=repository, **variables)
        assert done.code == 2
        assert value in done.stderr
        assert not (repository / ".clusters").exists()


class TestHelp:
    """What a command says of itself, and what that costs."""

    @pytest.mark.parametrize("name", ["", *(name for name, _ in commands())])
    @pytest.mark.parametrize("option", ["-h", "--help"])
    def test_every_command_has_help(self, name: str, option: str) -> None:
        from click.testing import CliRunner

        done = CliRunner().invoke(root, [*filter(None, [name]), option])
        assert done.exit_code == 0
        assert "Usage: " in done.output

    HEAVY = (
        "kubernetes",
        "git",
        "urllib3",
        "tenacity",
        "deepdiff",
        "re2",
        "cel",
        "typer",
        "rich",
        "opentelemetry",
        "google",
    )
    PROBE = """
import sys
from reconciler.cli import main
code = main(sys.argv[1:])
heavy = [name for name in {heavy} if name in sys.modules]
sys.exit(f"imported {{heavy}}" if heavy else code)
"""

    @pytest.mark.parametrize(
        ("arguments", "code", "allowed"),
        [
            ("--help", 0, ()),
            ("apply --help", 0, ()),
            ("explain K8S004", 0, ()),
            ("explain", 0, ()),
            ("schema", 0, ()),
            ("schema provider", 0, ()),
            ("render dev", 0, ("git", "re2")),
            ("validate dev", 0, ("git", "re2")),
            ("environments", 0, ("git", "re2")),
            ("diff dev", 1, ("git", "re2", "deepdiff")),
        ],
    )
    def test_what_needs_no_api_server_loads_no_client(
        self, repository: Path, arguments: str, code: int, allowed: tuple[str, ...]
    ) -> None:
        heavy = [name for name in self.HEAVY if name not in allowed]
        done = subprocess.run(
            [sys.executable, "-c", self.PROBE.format(heavy=heavy), *arguments.split()],
            cwd=repository, capture_output=True, text=True, check=False, timeout=600,
        )  # fmt: skip
        assert done.returncode == code, done.stderr
        assert "imported" not in done.stderr

    @pytest.mark.parametrize("arguments", ["--help", "--version", "diff --help"])
    def test_help_loads_neither_models_nor_patterns(self, arguments: str) -> None:
        """`python -m benchmarks.start` measures what that saves."""
        slow = ("pydantic", "yaml", "reconciler.model.run", "reconciler.text.credentials")
        code = self.PROBE.format(heavy=slow)
        done = subprocess.run(
            [sys.executable, "-c", code, *arguments.split()],
            capture_output=True, text=True, check=False, timeout=600,
        )  # fmt: skip
        assert (done.returncode, done.stderr) == (0, "")

    # What `validate` of a file needs of each of these packages.
    OFFLINE: ClassVar = {
        "adapters": {"holder", "jinja", "redactor", "sources"},
        "semantics": {"ownership", "schema", "validation", "values", "violation"},
        "stages": {"overlaps", "plain", "render", "unchecked", "validate", "verdict"},
        "steps": {"conditions", "sources"},
    }
    LOADED = """
import sys
from reconciler.cli import main
code = main(sys.argv[1:])
print(*sys.modules, sep="\\n", file=sys.stderr)
sys.exit(code)
"""

    def test_validate_of_a_file_loads_only_the_stages_that_it_runs(self, tmp_path: Path) -> None:
        """`python -m benchmarks.start` measures what that saves."""
        write(tmp_path, {"plain.yaml": PLAIN})
        done = subprocess.run(
            [sys.executable, "-c", self.LOADED, "validate", "plain.yaml"],
            cwd=tmp_path, capture_output=True, text=True, check=False, timeout=600,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        assert "in 3 objects" in done.stdout
        loaded = set(done.stderr.split())
        for package, needed in self.OFFLINE.items():
            names = {name.split(".")[2] for name in loaded if name.startswith(f"reconciler.{package}.")}  # fmt: skip
            assert names == needed
        assert not loaded & {
            *self.HEAVY,
            "concurrent.futures",
            "html",
            "jinja2",
            "reconciler.adapters.jinja.child_process",
            "reconciler.adapters.sources.provenance",
            "reconciler.consumer",
            "reconciler.consumers",
            "reconciler.model.observation",
            "reconciler.model.record",
            "reconciler.model.status",
            "reconciler.reports.json",
            "reconciler.reports.markdown",
            "reconciler.semantics.ownership.managed_fields",
            "reconciler.semantics.ownership.merge",
            "subprocess",
        }


class TestResolve:
    """Names of a command line."""

    @pytest.mark.parametrize(
        ("names", "expected"),
        [
            ((), ("dev", "prod")),
            (("prod",), ("prod",)),
            (("prod", "dev"), ("prod", "dev")),
            (("prod", "dev", "prod"), ("prod", "dev")),
            (("nope",), ("nope",)),  # `load` says so, with a suggestion
        ],
    )
    def test_none_means_all_and_each_is_taken_once(
        self, repository: Path, names: tuple[str, ...], expected: tuple[str, ...]
    ) -> None:
        assert resolve(Worktree(repository), names) == expected

    def test_no_environment_at_all_says_what_one_is(self, tmp_path: Path) -> None:
        with pytest.raises(EnvironmentFileError) as caught:
            resolve(Worktree(tmp_path), ())
        assert "environments/<name>/" in caught.value.hint

    def test_a_word_that_is_both_is_the_environment(
        self, repository: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (repository / "dev").mkdir()
        (repository / "a.yaml").write_text("")
        monkeypatch.chdir(repository)
        where = Inputs()
        assert files_among(("dev",), where) == ()
        assert files_among(("./dev",), where) == ("./dev",)
        assert files_among(("a.yaml", "-"), where) == ("a.yaml", "-")
        with pytest.raises(UsageError):
            files_among(("dev", "a.yaml"), where)
        with pytest.raises(UsageError):
            files_among(("a.yaml",), Inputs(revision="HEAD"))


class TestRender:
    """`render`."""

    def test_to_stdout_with_the_source_of_each_object(self, repository: Path) -> None:
        done = ran("render", "dev", "-C", repository)
        assert (done.code, done.stderr) == (0, "")
        assert done.stdout.startswith("---\n# Source: environments/dev/mock.yaml.j2:1")
        assert "  model: small\n" in done.stdout

    def test_one_file_per_object_below_its_environment(
        self, repository: Path, tmp_path: Path
    ) -> None:
        out = tmp_path / "out"
        done = ran("render", "-C", repository, "--out", out)
        assert (done.code, done.stdout) == (0, "")
        assert done.stderr == f"1 file in {out}/dev\n1 file in {out}/prod\n"
        files = sorted(str(file.relative_to(out)) for file in out.rglob("*") if file.is_file())
        place = "omnia/provider.omnia.altairalabs.ai/mock.yaml"
        assert files == [f"dev/{place}", f"prod/{place}"]
        assert "model: large" in (out / files[1]).read_text()

    def test_what_is_written_is_valid_again(self, repository: Path, tmp_path: Path) -> None:
        ran("render", "prod", "-C", repository, "--out", tmp_path / "out")
        done = ran("validate", tmp_path / "out")
        assert done.code == 0, done.stdout + done.stderr

    def test_a_template_that_fails_leaves_the_others_and_exit_code_3(
        self, repository: Path
    ) -> None:
        write(repository, {"environments/dev/broken.yaml.j2": BROKEN})
        done = ran("render", "-C", repository)
        assert done.code == 3
        assert "environments/dev/broken.yaml.j2:1" in done.stderr
        assert done.stdout.count("kind: Provider") == 2


def test_a_secret_that_cannot_be_read_has_a_file_and_a_line(repository: Path) -> None:
    """Not advice about an API server, where the cluster is a folder. The file has a key, which is never shown."""
    claude = PLAIN.partition("---")[0]
    live = repository / ".clusters/dev/omnia/secrets/anthropic.yaml"
    broken = "apiVersion: v1\nkind: Secret\nstringData\n  key: sk-canary-of-a-file\n"
    write(repository, {"environments/dev/claude.yaml.j2": claude})
    write(live.parent, {live.name: broken})
    for command_name in ("diff", "drift"):
        done = ran(command_name, "dev", "-C", repository)
        assert done.code == 6
        assert re.search(
            r"UNREADABLE .*\n  it could not be read, .*/anthropic\.yaml:3: ", done.stdout
        )
        assert "fix      fix the file" in done.stdout
        assert "API server" not in done.stdout
        assert "canary" not in done.output


class TestEnvironments:
    """`environments`."""

    def test_each_has_its_line(self, repository: Path) -> None:
        done = ran("environments", "-C", repository)
        assert (done.code, done.stderr) == (0, "")
        head, dev, prod = done.stdout.splitlines()
        assert head.split() == ["ENVIRONMENT", "CLUSTER", "NAMESPACES", "OBJECTS"]
        assert (dev.split()[0], dev.split()[2:]) == ("dev", ["omnia", "1"])
        assert prod.split()[0] == "prod"

    def test_a_program_reads_them_as_json(self, repository: Path) -> None:
        write(repository, {"environments/dev/environment.yaml": "no: yes\n"})
        done = ran("environments", "-o", "json", "-C", repository)
        assert done.code == 2
        dev, prod = json.loads(done.stdout)["environments"]
        assert dev == {"name": "dev", "readable": False}
        assert (prod["name"], prod["namespaces"], prod["objects"]) == ("prod", ["omnia"], 1)

    @pytest.mark.parametrize(
        ("files", "line", "code"),
        [
            ({"environments/dev/environment.yaml": "no: yes\n"}, "(cannot be read)", 2),
            ({"environments/dev/broken.yaml.j2": BROKEN}, "omnia", 3),
        ],
    )
    def test_a_broken_one_is_said_and_the_others_are_listed(
        self, repository: Path, files: dict[str, str], line: str, code: int
    ) -> None:
        done = ran("environments", "-C", write(repository, files))
        assert done.code == code
        _, dev, prod = done.stdout.splitlines()
        assert dev.startswith("dev ")
        assert line in dev
        assert prod.split()[-1] == "1"
        assert next(iter(files)) in done.stderr


def test_the_help_begins_with_what_is_special_to_the_command() -> None:
    """Then what a report shows, and at last where the sources come from, in the order in which one needs it."""
    shown = re.findall(r"^  (?:-\w, )?(--[a-z-]+)", ran("diff", "--help").stdout, re.MULTILINE)
    order = ["--against", "--only", "--context", "--output", "--trust", "--repository"]
    order += ["--revision", "--git-signers-file", "--git-token-file", "--git-user"]
    order += ["--git-key-file", "--git-known-hosts-file", "--help"]
    assert [name for name in shown if name in order] == order


class TestCompletion:
    """What a shell offers."""

    def offered(self, args: list[str], incomplete: str) -> list[str]:
        completer = ShellComplete(root, {}, "reconciler", "_RECONCILER_COMPLETE")
        return [item.value for item in completer.get_completions(args, incomplete)]

    @pytest.mark.parametrize("command", ["diff", "apply", "drift", "render", "environments"])
    def test_environments_are_offered(self, repository: Path, command: str) -> None:
        args = [command, "-C", str(repository)]
        assert self.offered(args, "") == ["dev", "prod"]
        assert self.offered(args, "p") == ["prod"]
        assert self.offered(args, "x") == []

    def test_validate_offers_files_where_no_environment_begins_like_that(
        self, repository: Path
    ) -> None:
        args = ["validate", "-C", str(repository)]
        assert self.offered(args, "p") == ["prod"]
        assert self.offered(args, "manif") == ["manif"]  # the shell completes it as a file

    def test_a_folder_without_any_offers_none(self, tmp_path: Path) -> None:
        assert self.offered(["diff", "-C", str(tmp_path)], "") == []
        assert self.offered(["diff", "-C", str(tmp_path / "nowhere")], "") == []

    def test_by_the_shell(self, repository: Path) -> None:
        done = ran(
            cwd=repository, _RECONCILER_COMPLETE="bash_complete",
            COMP_WORDS="reconciler diff p", COMP_CWORD="2",
        )  # fmt: skip
        assert done.stdout.splitlines() == ["plain,prod"]
        assert done.stderr == ""


@pytest.mark.parametrize("command", ["validate", "diff", "render", "environments"])
def test_an_empty_revision_is_not_the_working_tree(repository: Path, command: str) -> None:
    done = ran(command, "-C", repository, "--revision", "")
    assert done.code == 2
    assert "--revision" in done.stderr


def test_a_closed_stdin_is_nothing_to_read(tmp_path: Path) -> None:
    write(tmp_path, {"a.yaml": "a: 1\n"})
    done = subprocess.run(
        ["bash", "-c", f"{COMMAND} validate a.yaml <&-"], cwd=tmp_path, capture_output=True, text=True, check=False
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")


def test_apply_refuses_what_is_not_committed_before_it_connects(tmp_path: Path) -> None:
    config = "configVersion: 1\nnamespaces: [llm]\ncluster: {type: kubernetes}\n"
    root = write(tmp_path / "config", {"environments/prod/environment.yaml": config})
    git = ("git", "-C", str(root), "-c", "user.name=t", "-c", "user.email=t@example.com")
    for words in (("init", "-q"), ("add", "-A"), ("commit", "-qm", "x")):
        subprocess.run([*git, *words], check=True)
    nowhere = ("--kubeconfig", tmp_path / "no-such-kubeconfig")
    apply = ("apply", "prod", "-C", root, *nowhere)
    later = "check --kubeconfig"
    assert later in command(*apply).stdout
    write(root, {"environments/prod/new.yaml.j2": ""})
    refused = command(*apply)
    assert refused.code == ExitCode.USAGE
    assert ": environments/prod/new.yaml.j2\n" in refused.stdout
    assert "fix      commit it, or name a commit with --revision; --allow-dirty" in refused.stdout
    for allowed in (("--allow-dirty",), ("--revision", "HEAD")):
        assert later in command(*apply, *allowed).stdout


def test_the_help_of_o_names_every_format() -> None:
    help_ = " ".join(command("diff", "--help").stdout.split())
    listed = re.search(r"FORMAT\[=PATH\] ([a-z, ]+); to a file", help_)
    assert listed
    assert sorted(listed[1].split(", ")) == sorted(FORMATS)
