"""The examples of the kinds' rules, which `explain` prints: only the wrong one violates its rule."""

from __future__ import annotations

import pytest

from reconciler.crds import catalogue
from reconciler.kind import Kind
from reconciler.kinds import CODES, KINDS, discover
from reconciler.stages.validate import validate
from tests.kinds.manifests import environment, manifest_of

_KIND = {code: module.KIND for module in discover() for code in module.KIND.codes}
# Rules that need a CRD of this era; the others use the newest.
_ERAS = {
    "OM007": "2026-04-19",
    "OM010": "2026-04-19",
    "OM018": "2026-04-19",
    "FL047": "2026-06-10",
}


def _codes(code: str, example: str) -> set[str]:
    kind: Kind = _KIND[code]
    crd = catalogue.load(kind.endpoint.crd_name, _ERAS.get(code, ""))
    head = f"apiVersion: {kind.endpoint.api_version}\nkind: {kind.endpoint.kind}\n"
    manifests = [
        manifest_of(
            text
            if text.startswith("apiVersion: ")  # an object of another kind
            else f"{head}metadata: {{name: example-{number}, namespace: llm}}\n{text}\n"
        )
        for number, text in enumerate(example.split("\n---\n"))
    ]
    crds = {name: catalogue.load(each.endpoint.crd_name) for name, each in KINDS.items()}
    findings = validate(environment(), manifests, KINDS, {**crds, kind.endpoint.group_kind: crd})
    return {f.code for f in findings}


# The correction is in another object, so the right example has the finding too.
_ELSEWHERE = {"FL014"}


@pytest.mark.parametrize("code", CODES)
def test_only_the_wrong_example_violates_the_rule(code: str) -> None:
    rule = CODES[code]

    assert code in _codes(code, rule.wrong)
    assert code in _ELSEWHERE or code not in _codes(code, rule.right)


@pytest.mark.parametrize("code", CODES)
def test_every_rule_says_why_it_exists(code: str) -> None:
    rule = CODES[code]

    assert rule.title
    assert not rule.title.endswith(".")
    assert rule.why.endswith(".")
    assert rule.wrong != rule.right
