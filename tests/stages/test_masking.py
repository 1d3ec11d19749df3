"""Keys in a value that no kind declares sensitive: a difference shows only the rest of the value."""

from __future__ import annotations

import pytest

from reconciler.stages.plan import plan_object
from tests.stages.builders import US, given, observation, owner, stored


@pytest.mark.parametrize("key", ["api_key=abcdef0123456789", "region=eu&token=abcdef"])
def test_a_difference_never_shows_a_key_in_a_base_url(key: str) -> None:
    mine, other = (
        {"type": "vllm", "model": "m", "baseURL": f"https://{host}.example/v1?{key}"}
        for host in "ab"
    )
    ours = owner(US, "spec.type", "spec.model", "spec.baseURL")
    change = plan_object(given(), observation(mine, stored(other, ours), stored(mine, ours)))
    texts = (change.differences, change.foreign, change.reason, change.hint, change.warnings)
    shown = repr(texts)
    assert "a.example" in shown
    assert "b.example" in shown
    assert "abcdef" not in shown
