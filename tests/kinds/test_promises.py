"""Every promise of the documentation has a rule with an example that violates it and one that does not, or a reason.

The promises are in `promises/<system>.yaml`:

    checks   CODE: [an example with this finding, an example without it], below this folder;
             `a + b` are validated together
    policy   the policy of the environment for these checks
    live     why there is no rule, and what checks the promise instead
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from reconciler.kinds import CODES, KINDS
from reconciler.model import codes
from reconciler.model.environment import ManifestPolicy
from reconciler.stages.validate import validate
from reconciler.text.yaml import load_one
from tests.kinds.examples import FOLDER, Example, examples
from tests.kinds.manifests import environment

PROMISES: list[dict[str, Any]] = [
    promise
    for file in sorted(FOLDER.glob("promises/*.yaml"))
    for promise in load_one(file.read_text(encoding="utf-8"), file.name)
]
EXAMPLES = {
    str(example.path.relative_to(FOLDER).with_suffix("")): example
    for example in (*examples("valid"), *examples("invalid"))
}
CHECKS = [
    (promise["id"], code, *pair, promise.get("policy", {}))
    for promise in PROMISES
    for code, pair in promise.get("checks", {}).items()
]


def _codes(name: str, policy: dict[str, list[str]]) -> set[str]:
    test = environment()
    restricted = ManifestPolicy(**{key: tuple(globs) for key, globs in policy.items()})
    test = replace(test, policy=replace(test.policy, manifests=restricted))
    judged = _two_of_one_cloud() if name == "two-of-one-cloud" else _together(name)
    crds = {example.crd.group_kind: example.crd for example in judged}
    findings = validate(test, [e.manifest for e in judged], KINDS, crds)
    return {f.code for f in findings}


def _together(names: str) -> list[Example]:
    """An example, or several that are joined by ` + `."""
    return [EXAMPLES[name] for name in names.split(" + ")]


@cache
def _two_of_one_cloud() -> list[Example]:
    """The same provider under two names."""
    first = EXAMPLES["omnia_provider/valid/bedrock-access-key"]
    ref = replace(first.manifest.ref, name="another")
    return [first, replace(first, manifest=replace(first.manifest, ref=ref))]


@pytest.mark.parametrize(("promise", "code", "broken", "kept", "policy"), CHECKS)
def test_a_promise(
    promise: str, code: str, broken: str, kept: str, policy: dict[str, list[str]]
) -> None:
    assert code in _codes(broken, policy), promise
    assert code not in _codes(kept, policy), promise


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise["id"])
def test_a_promise_without_a_rule_says_why(promise: dict[str, Any]) -> None:
    assert ("checks" in promise) != ("live" in promise)
    assert promise["says"]
    assert set(promise.get("checks", {})) <= set(CODES) | set(codes.CODES)


def test_no_promise_is_left_out() -> None:
    listed = [promise["id"] for promise in PROMISES]

    assert len(listed) == len(set(listed))
    assert {*(f"F{n}" for n in range(1, 31)), *(f"O{n}" for n in range(1, 48))} <= set(listed)


def test_every_rule_of_a_kind_keeps_a_promise() -> None:
    assert set(CODES) <= {code for _, code, *_ in CHECKS}
