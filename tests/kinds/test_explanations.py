"""What `explain` says of the kinds' rules is true: the wrong example is found by the rule, the right one is not."""

from __future__ import annotations

import pytest

from reconciler.crds import catalogue
from reconciler.kind import Kind
from reconciler.kinds import CODES, KINDS, discover
from reconciler.stages.validate import validate
from tests.kinds.manifests import environment, manifest_of

_KIND = {code: module.KIND for module in discover() for code in module.KIND.codes}
# Rules that only a CRD of these days shows; the newest otherwise.
_ERAS = {
    "OM007": "2026-04-19",
    "OM010": "2026-04-19",
    "OM018": "2026-04-19",
    "FL047": "2026-06-10",
}


def _found(code: str, example: str) -> set[str]:
    kind: Kind = _KIND[code]
    crd = catalogue.load(kind.endpoint.crd_name, _ERAS.get(code, ""))
    head = f"apiVersion: {kind.endpoint.api_version}\nkind: {kind.endpoint.kind}\n"
    manifests = [
        manifest_of(f"{head}metadata: {{name: example-{number}, namespace: llm}}\n{spec}\n")
        for number, spec in enumerate(example.split("\n---\n"))
    ]
    found = validate(environment(), manifests, KINDS, {kind.endpoint.group_kind: crd})
    return {d.code for d in found}


# The mend is in another object, so the right example is not one of this kind.
_ELSEWHERE = {"FL014"}


@pytest.mark.parametrize("code", CODES)
def test_the_examples_are_what_they_say(code: str) -> None:
    rule = CODES[code]

    assert code in _found(code, rule.wrong)
    assert code in _ELSEWHERE or code not in _found(code, rule.right)


@pytest.mark.parametrize("code", CODES)
def test_every_rule_says_why_it_exists(code: str) -> None:
    rule = CODES[code]

    assert rule.title
    assert not rule.title.endswith(".")
    assert rule.why.endswith(".")
    assert rule.wrong != rule.right
