"""The release: what is published was built without a right to publish, and is what the tag says."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from reconciler import __version__
from tests.workflows.reading import ROOT, jobs, load, steps

FILE = Path(".github/workflows/release.yml")


def test_only_a_tag_of_a_version_releases() -> None:
    assert load(FILE)["on"] == {"push": {"tags": ["v[0-9]+.[0-9]+.[0-9]+"]}}


def test_whoever_may_publish_builds_no_package() -> None:
    all_jobs = jobs(FILE)
    assert "environment" not in all_jobs["build"]
    for name in ("package", "image"):
        assert all_jobs[name]["needs"] == "build"
        assert all_jobs[name]["environment"] == "release"
        runs = " ".join(step.get("run", "") for step in all_jobs[name]["steps"])
        assert "make" not in runs
        assert "pip" not in runs


def test_no_credential_is_stored() -> None:
    assert "secrets." not in (ROOT / FILE).read_text()


def test_a_tag_that_is_not_the_version_stops_the_build() -> None:
    (script,) = (step.run for step in steps(FILE) if step.name.startswith("The tag is"))

    def run(tag: str) -> int:
        return subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script], cwd=ROOT,
            env=os.environ | {"GITHUB_REF_NAME": tag}, capture_output=True, check=False,
        ).returncode  # fmt: skip

    assert run(f"v{__version__}") == 0
    assert run("v99.0.0") == 1


def test_everything_that_is_published_has_a_provenance() -> None:
    for name in ("package", "image"):
        uses = [step.get("uses", "").partition("@")[0] for step in jobs(FILE)[name]["steps"]]
        assert "actions/attest-build-provenance" in uses
