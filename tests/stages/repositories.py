"""A configuration repository with one environment, rendered and validated: for tests that depend on files and lines."""

from __future__ import annotations

from pathlib import Path

from reconciler.adapters.jinja.renderer import JinjaRenderer
from reconciler.crds import catalogue
from reconciler.kinds import KINDS
from reconciler.model.finding import Finding
from reconciler.stages.render import render
from reconciler.stages.validate import validate
from tests.repository import environment

CRDS = {group_kind: catalogue.load(k.endpoint.crd_name) for group_kind, k in KINDS.items()}
CONFIG = "configVersion: 1\nnamespaces: [llm, omnia]\n"


def judged(
    root: Path, templates: dict[str, str], values: str = "", config: str = CONFIG
) -> tuple[Finding, ...]:
    """Every finding on the environment `prod`."""
    read = environment(root, templates, values, config)
    manifests, findings = render(read, JinjaRenderer(), KINDS)
    return validate(read, manifests, KINDS, CRDS, before=findings)


def places(findings: tuple[Finding, ...]) -> list[str]:
    """`file:line code`, without the folder of the environment."""
    return [
        f"{f.where.path.removeprefix('environments/prod/')}:{f.where.line} {f.code}"
        for f in findings
    ]
