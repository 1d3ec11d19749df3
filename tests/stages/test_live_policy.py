"""The policy holds for what is live: for objects of ours with what others added, and for unmanaged ones."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.kinds import KINDS
from reconciler.model.document import Document
from reconciler.model.environment import Attitude, Level, ManifestPolicy, Policy, Unmanaged
from reconciler.model.live import LiveFinding
from reconciler.model.observation import Observed, Orphan
from reconciler.stages.validate.live import LiveCheck
from tests.stages.builders import REF, US, observation, owner, stored

SPEC = {"type": "claude", "model": "claude-sonnet-4-5"}
EVIL = "https://evil.example.com/v1"
ONLY_OURS = ManifestPolicy(allowed_hosts=("*.internal.example.com",))
PATCHED = owner(
    *("kubectl-patch", "spec.baseURL", "spec.headers.X-Key", "spec.platform.region"),
    operation="Update",
)


def live(**spec: Any) -> Document:
    return stored(SPEC | spec, owner(US, "spec.type", "spec.model"), PATCHED)


def findings(policy: ManifestPolicy, document: Document) -> tuple[LiveFinding, ...]:
    observed = Observed((observation(SPEC, document, document),))
    return LiveCheck.of(Policy(manifests=policy), KINDS).managed(observed)


@pytest.mark.parametrize(
    ("policy", "added", "path"),
    [
        (ONLY_OURS, {"baseURL": EVIL}, "spec.baseURL"),
        (
            ONLY_OURS,
            {"platform": {"type": "bedrock", "region": "evil.example.com/#"}},
            "spec.platform.region",
        ),
        (
            ManifestPolicy(plain_http=Attitude.FORBID),
            {"type": "openai", "baseURL": "http://evil.example.com/v1"},
            "spec.baseURL",
        ),
        (
            ManifestPolicy(denied_headers=("X-Key",)),
            {"headers": {"X-Key": "canary"}},
            "spec.headers.X-Key",
        ),
    ],
)
def test_what_others_added_is_judged_and_names_its_writer(
    policy: ManifestPolicy, added: dict[str, Any], path: str
) -> None:
    (finding,) = findings(policy, live(**added))
    assert (finding.ref, finding.path) == (REF, path)
    assert str(finding.by) == "kubectl-patch (Update)"
    assert "canary" not in repr(finding)


def test_an_object_within_the_policy_has_no_finding() -> None:
    assert findings(ONLY_OURS, live()) == ()
    assert findings(ManifestPolicy(), live(baseURL=EVIL)) == ()
    bedrock = {"type": "bedrock", "region": "eu-central-1"}
    assert findings(ONLY_OURS, live(platform=bedrock)) == ()
    assert findings(ManifestPolicy(), live(platform=bedrock | {"region": "x.y/"})) == ()


def test_a_rule_that_the_environment_turns_off_is_off() -> None:
    off = ManifestPolicy(allowed_hosts=("x",), severity=(("POL001", Level.OFF),))
    assert findings(off, live(baseURL=EVIL)) == ()


def test_an_object_that_git_no_longer_has_is_judged_as_well() -> None:
    observed = Observed(orphans=(Orphan(REF, live(baseURL=EVIL)),))
    assert LiveCheck.of(Policy(manifests=ONLY_OURS), KINDS).managed(observed)


class TestUnmanaged:
    """Objects that are neither in git nor ours."""

    OBSERVED = Observed(unmanaged=(Orphan(REF, live(baseURL=EVIL)),))

    @pytest.mark.parametrize(
        ("setting", "expected"),
        [
            (Unmanaged.IGNORE, []),
            (Unmanaged.REPORT, [False]),
            (Unmanaged.FAIL, [True]),
        ],
    )
    def test_the_policy_decides_what_they_are(
        self, setting: Unmanaged, expected: list[bool]
    ) -> None:
        listed = LiveCheck.of(Policy(unmanaged=setting), KINDS).unmanaged(self.OBSERVED)
        assert [each.fails for each in listed] == expected

    @pytest.mark.parametrize("setting", Unmanaged)
    def test_they_are_judged_by_the_policy_even_if_ignored(self, setting: Unmanaged) -> None:
        policy = Policy(manifests=ONLY_OURS, unmanaged=setting)
        (each,) = LiveCheck.of(policy, KINDS).unmanaged(self.OBSERVED)
        assert [(f.code, f.path) for f in each.findings] == [("POL001", "spec.baseURL")]
        assert each.fails is (setting is Unmanaged.FAIL)
