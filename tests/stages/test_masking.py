"""Keys that stand where no kind expects them: a difference tells the rest of the value."""

from __future__ import annotations

import pytest

from reconciler.stages.plan import judge
from tests.stages.builders import US, given, observation, owner, stored


@pytest.mark.parametrize("key", ["api_key=abcdef0123456789", "region=eu&token=abcdef"])
def test_a_key_in_a_base_url_is_never_told(key: str) -> None:
    mine, other = (
        {"type": "vllm", "model": "m", "baseURL": f"https://{host}.example/v1?{key}"}
        for host in "ab"
    )
    ours = owner(US, "spec.type", "spec.model", "spec.baseURL")
    change = judge(given(), observation(mine, stored(other, ours), stored(mine, ours)))
    told = repr((change.differences, change.foreign, change.reason, change.hint, change.warnings))
    assert "a.example" in told
    assert "b.example" in told
    assert "abcdef" not in told
