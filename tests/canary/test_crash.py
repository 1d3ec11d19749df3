"""A bug, or an error that quotes a secret, at every request of a run: no report tells any of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from reconciler.adapters.redactor import SecretRedactor
from reconciler.cli.delivery.redaction import cleaned
from reconciler.errors import Cause, RefusalReason, Refused, Unreachable
from reconciler.model.run import Run
from reconciler.model.verbs import APPLY, DIFF, DRIFT
from reconciler.report import Style
from reconciler.reports import FORMATS
from tests.canary.plants import Plants
from tests.canary.scanner import Scanner
from tests.fakes import Fault
from tests.folder_world import FolderWorld

CLAUDE = """\
apiVersion: omnia.altairalabs.ai/v1alpha1
kind: Provider
metadata: {name: claude, namespace: omnia}
spec:
  type: claude
  model: one
  credential: {secretRef: {name: claude, key: ANTHROPIC_API_KEY}}
"""
REQUESTS = (
    *("uid", "crd", "list", "get", "keyring", "create-keyring", "read-secret"),
    *("create", "apply", "dry-run", "replace"),
)
VERBS = (DIFF, APPLY, APPLY.as_dry_run(), DRIFT, DRIFT.recording())


@pytest.mark.parametrize("request_", REQUESTS)
def test_no_report_tells_what_an_error_quotes(request_: str, tmp_path: Path) -> None:
    plants = Plants()
    said = plants.said("error")
    errors = (
        RuntimeError(said),
        Unreachable(said, hint=said, where=said),
        Refused(RefusalReason.FAILED, said, (Cause(said, said, said, said, said),), hint=said),
        Refused(RefusalReason.FIELD_CONFLICT, said, (Cause(".spec.model", said, said, said),)),
    )
    scanner, endings = Scanner(plants.secrets), set()
    for number, error in enumerate(errors):
        world = FolderWorld(tmp_path / f"{number}" / "config").write(claude=CLAUDE)
        world.secret("a-key-of-claude")
        for verb in VERBS:
            world.faults["prod"] = (Fault(error, request_),)
            run = world.run(verb)
            endings.add(run.exit_code)
            assert scanner.leaks(reports(run)) == [], (verb, error)
    assert len(endings) > 1, "the fault is met"


def reports(run: Run) -> str:
    clean = cleaned(run, SecretRedactor())
    styles = [
        Style(verbose=verbose, color=color) for verbose in (False, True) for color in (False, True)
    ]
    return "".join(f.render(clean, style) for f in FORMATS.values() for style in styles)


def test_a_run_without_an_error_ends_well(tmp_path: Path) -> None:
    """Else the faults above would not be what ends it."""
    world = FolderWorld(tmp_path / "config").write(claude=CLAUDE)
    world.secret("a-key-of-claude")
    codes = {str(verb): world.run(verb).exit_code for verb in (APPLY, DIFF, DRIFT)}
    assert codes == {"apply": 0, "diff": 0, "drift": 0}
