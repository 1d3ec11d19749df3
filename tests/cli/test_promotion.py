"""The help of an apply that an earlier environment stops: its commands, as they are printed, end the refusal."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from reconciler.model.command import Invocation
from reconciler.model.record import Record, RecordedSecret, SecretKey
from reconciler.model.record.rotations import Opening, RecordedRotation
from reconciler.model.revision import Revision
from reconciler.stages.promotion import unproven
from tests.cli.test_plans import commit, ran
from tests.cli.test_record_commands import rotate
from tests.repository import write
from tests.stages.live import HOME
from tests.test_pipeline import CLAUDE

CONFIG = f"configVersion: 1\nhome: {HOME}\nnamespaces: [omnia]\n"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """staging is applied, and then its key rotated; prod comes after it."""
    root = tmp_path / "config"
    staging, prod = f"{CONFIG}cluster: {{path: live}}\n", f"{CONFIG}after: [staging]\n"
    for name, config in [("staging", staging), ("prod", prod)]:
        folder = f"environments/{name}"
        write(root, {f"{folder}/environment.yaml": config, f"{folder}/claude.yaml.j2": CLAUDE})
    for folder in (f"live/{HOME}", f".clusters/prod/{HOME}", ".clusters/prod/omnia"):
        (root / folder).mkdir(parents=True)
    commit(root)
    rotate(root, "sk-ant-the-first-value")
    assert ran("apply", "staging", "-C", root).code == 0
    rotate(root, "sk-ant-the-second-value")
    return root


def test_the_printed_commands_end_a_refusal_because_of_a_rotation(repository: Path) -> None:
    every = ran("apply", "--all", "-C", repository)
    assert "not find" in every.stdout, every.stdout
    assert "in sync: a rotation is open" in every.stdout
    (fix,) = (line for line in every.stdout.splitlines() if "--promote-anyway" in line)
    acknowledge, drift = re.findall(
        r"reconciler (acknowledge .*?), and then reconciler (.*?);", fix
    )[0]
    assert ran(*shlex.split(acknowledge)).code == 0
    again = ran("apply", "prod", "-C", repository)
    assert again.code == 8
    assert f"reconciler {drift} ends this, or tells why it does not" in again.stdout
    assert ran(*shlex.split(drift)).code == 0
    assert ran("apply", "prod", "-C", repository).code == 6, "its Secret does not exist"


def test_many_rotations_are_acknowledged_at_once() -> None:
    revision = Revision("a" * 40)
    rotation = RecordedRotation("hs1:k:1", Opening("t", ""))
    for number, words in [(2, "llm/s0 llm/s1"), (4, "--all")]:
        keys = [SecretKey("llm", f"s{each}", "key") for each in range(number)]
        record = Record(
            "staging",
            revision.commit,
            "t",
            secrets={key: RecordedSecret(rotations=(rotation,)) for key in keys},
        )
        stopped = unproven("staging", revision, record, Invocation())
        assert stopped is not None
        assert stopped[0].endswith(f"in sync: rotations of {number} Secrets are open")
        assert f"acknowledge staging {words} --reason TEXT, and then " in stopped[1]
