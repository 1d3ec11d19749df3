"""Every promise of the documentation has a rule, an example that breaks it and one that does not, or a reason.

They stand in `promises/<system>.yaml`:

    checks   CODE: [an example that triggers it, an example that does not], below this folder
    policy   what environment.yaml says for these checks
    live     no rule here: why, and who looks instead
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from reconciler.kinds import CODES, KINDS
from reconciler.model import codes
from reconciler.model.environment import Rules
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
    (promise["id"], code, *shown, promise.get("policy", {}))
    for promise in PROMISES
    for code, shown in promise.get("checks", {}).items()
]


def _judged(name: str, policy: dict[str, list[str]]) -> set[str]:
    told = environment()
    rules = Rules(**{key: tuple(globs) for key, globs in policy.items()})
    told = replace(told, policy=replace(told.policy, rules=rules))
    shown = _two_of_one_cloud() if name == "two-of-one-cloud" else [EXAMPLES[name]]
    crd = shown[0].crd
    found = validate(told, [e.manifest for e in shown], KINDS, {crd.group_kind: crd})
    return {d.code for d in found}


@cache
def _two_of_one_cloud() -> list[Example]:
    """The one trap that takes two objects: the same provider under two names."""
    first = EXAMPLES["omnia_provider/valid/bedrock-access-key"]
    ref = replace(first.manifest.ref, name="another")
    return [first, replace(first, manifest=replace(first.manifest, ref=ref))]


@pytest.mark.parametrize(("promise", "code", "broken", "kept", "policy"), CHECKS)
def test_a_promise(
    promise: str, code: str, broken: str, kept: str, policy: dict[str, list[str]]
) -> None:
    assert code in _judged(broken, policy), promise
    assert code not in _judged(kept, policy), promise


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
