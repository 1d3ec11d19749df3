"""The README is held to the program: the demo's output, the exit codes, the commands, the paths it names."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import click
import pytest

from reconciler.cli.root import root
from reconciler.errors import ExitCode
from reconciler.model.change import Result
from reconciler.reports import _secrets, _stamps, _states
from tests.interpreters import warm
from tests.repository import write

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()


def settled(text: str) -> str:
    """Without what differs from one installation or minute to the next: the key, the commit, how long ago."""
    text = re.sub(r"\x1b\[[0-9;]*m", "", text)
    text = re.sub(r"\bplan [0-9a-f]{12}\b", "plan ID", text)
    text = re.sub(r"hs1:[0-9a-f]{8}:[0-9a-f]{16}", "hs1:KEY:FINGERPRINT", text)
    text = re.sub(r"\b[0-9a-f]{7}(?=[ ,:\n])", "COMMIT", text)
    return re.sub(r"just now|\d+ \w+ ago", "JUST NOW", text).strip()


def test_the_demo_prints_what_the_readme_shows(tmp_path: Path) -> None:
    checkout = tmp_path / "checkout"
    for name in ("demo", "environments", "templates"):
        shutil.copytree(ROOT / name, checkout / name)
    shutil.copy(ROOT / ".gitignore", checkout)
    for words in ("init -q", "add .", "-c user.name=t -c user.email=t@example.com commit -qm t"):
        subprocess.run(["git", *words.split()], cwd=checkout, check=True)
    path = f"{warm.programs()}:{os.environ['PATH']}"
    done = subprocess.run(
        ["./demo/run.sh"], cwd=checkout, env=os.environ | {"PATH": path},
        capture_output=True, text=True, timeout=600, check=True,
    )  # fmt: skip
    shown = re.search(r"<!-- demo:begin.*?-->\n```console\n(.*?)```", README, re.DOTALL)
    assert shown is not None
    assert settled(done.stdout) == settled(shown[1])
    assert done.stderr == ""
    for command in (("impact", "dev", "secret/llm/openai"), ("stamp", "dev")):
        ran = subprocess.run(
            ["reconciler", *command], cwd=checkout, env=os.environ | {"PATH": path},
            capture_output=True, text=True, timeout=600, check=True,
        )  # fmt: skip
        block = rf"<!-- {command[0]}.*?-->\n```console\n\$ reconciler (.*?)\n(.*?)```"
        shown = re.search(block, README, re.DOTALL)
        assert shown is not None
        assert shown[1].split() == list(command)
        assert settled(ran.stdout) == settled(shown[2])
    shown = re.search(r"<!-- rotations.*?-->\n```console\n(.*?)```", README, re.DOTALL)
    assert shown is not None
    commands = re.findall(r"^\$ (.*)$", shown[1], re.MULTILINE)
    script = "\n".join(f"echo '$ {command}'; {command}" for command in commands)
    printed = subprocess.run(
        ["bash", "-c", f"reconciler drift dev --record > drift.txt; {script}"],
        cwd=checkout, env=os.environ | {"PATH": path},
        capture_output=True, text=True, timeout=600, check=True,
    )  # fmt: skip
    assert settled(printed.stdout) == settled(shown[1])
    edited = checkout / ".demo/dev/llm/modelproviders.agent.flokoa.ai/anthropic.yaml"
    added = '  anthropic: {baseURL: "https://proxy.example.net"}'
    edited.write_text(edited.read_text().replace("  anthropic: {}", added))
    watched = subprocess.run(
        ["reconciler", "drift", "dev"], cwd=checkout, env=os.environ | {"PATH": path},
        capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    shown = re.search(r"<!-- added.*?-->\n```console\n(.*?)```", README, re.DOTALL)
    assert shown is not None
    assert settled(shown[1]) in settled(watched.stdout)


def test_every_command_of_the_program_is_in_the_readme() -> None:
    assert isinstance(root, click.Group)
    for name in root.commands:
        assert re.search(rf"^\| `{name}\b", README, re.MULTILINE), f"{name} is not in the table"


def test_the_glossary_of_contributors_is_short() -> None:
    text = (ROOT / ".github/CONTRIBUTING.md").read_text()
    glossary = text.partition("## Glossary")[2].partition("\n## ")[0]
    words = re.findall(r"^- \*\*(.+?)\*\*", glossary, re.MULTILINE)
    assert words
    assert len(words) <= 25
    assert glossary.count("**") == 2 * len(words), "no other word is one of the glossary"


def test_the_roles_are_those_of_the_repository_above(tmp_path: Path) -> None:
    files = re.findall(r"```yaml\n# ((?:environments|templates)/\S+)\n(.*?)```", README, re.DOTALL)
    assert len(files) == 3
    write(tmp_path, dict(files))
    shown = re.search(
        r"<!-- rbac.*?-->\n```console\n\$ reconciler (.*?)\n(.*?)```", README, re.DOTALL
    )
    assert shown is not None
    ran = warm.command(*shown[1].split(), "-C", str(tmp_path), env=dict(os.environ))
    assert (ran.code, ran.stdout) == (0, shown[2])


def test_init_makes_the_repository_that_the_next_commands_use(tmp_path: Path) -> None:
    (line,) = re.findall(r"^\$ reconciler (init .*)$", README, re.MULTILINE)
    here = tmp_path / "clone"
    here.mkdir()
    made = warm.command(*line.split(), cwd=here)
    assert made.code == 0, made.output
    assert (tmp_path / "my-config/.github/workflows/change.yml").is_file()
    checked = warm.command("validate", "-C", "../my-config", cwd=here)
    assert checked.code == 0, checked.output


def test_the_step_of_the_action_is_that_which_init_writes(tmp_path: Path) -> None:
    (shown,) = re.findall(r"```yaml\n( +- uses: .*?)```", README, re.DOTALL)
    made = warm.command(
        "init", *["--system", "omnia", "--vendor", "mock", "--forge", "github"], cwd=tmp_path
    )
    assert made.code == 0
    written = (tmp_path / ".github/workflows/change.yml").read_text()
    step = written[written.index("      - uses: your-org") :]
    assert step.replace("${{ matrix.environment }}", "prod") == shown


def test_the_exit_codes_are_those_of_the_program() -> None:
    shown = {
        int(code)
        for row in re.findall(r"^\| ([\d, ]+) \|", README, re.MULTILINE)
        for code in row.split(",")
    }
    assert shown == {code.value for code in ExitCode}


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\]\((?!https?:)([^)#]+)\)", README))))
def test_every_link_leads_somewhere(target: str) -> None:
    assert (ROOT / target).exists()


@pytest.mark.parametrize("target", ["demo", "test", "check"])
def test_every_make_target_is_there(target: str) -> None:
    assert f"make {target}" in README
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE)


@pytest.mark.parametrize("name", sorted(set(re.findall(r"`(--[a-z-]+)", README))))
def test_every_option_is_one_of_the_program(name: str) -> None:
    assert isinstance(root, click.Group)
    options = {o for command in root.commands.values() for p in command.params for o in p.opts}
    assert name in options


def test_every_word_of_a_report_is_explained() -> None:
    explained = set(re.findall(r"`([A-Z][A-Z -]+)`", README))
    used = {label for label, *_ in (*_states.STATES.values(), *_secrets.STATES.values())}
    used |= {label for label, _ in _secrets._ROTATED.values()}
    used |= {label for label, *_ in (*_stamps._RESULTS.values(), _stamps._DRY_RUN)}
    used |= {result.upper() for result in Result}
    assert used - {"UNCHANGED"} <= explained
