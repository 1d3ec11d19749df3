"""Every fuzz target takes what it begins with, parts of it, and what a fuzzer once found."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.targets import TARGETS, seeds

# By target: inputs that once ended in an error that nobody documents.
REGRESSIONS: dict[str, tuple[bytes, ...]] = {
    "report": (next(iter(seeds("report"))).replace(b'"name": "prod"', b'"name": "\\ud800"'),),
    "fields": (b'{"k:\\"a\\"": {}}', b'{"k:[]": {}}', b'{"k:null": {}}'),
    "kubeconfig": tuple(
        f"current-context: a\nclusters: [{cluster}]\nusers: [{user}]\n"
        "contexts: [{name: a, context: {cluster: c, user: u}}]\n".encode()
        for cluster, user in (
            ("{name: c, cluster: {server: 'https://x'}}", "{name: u, user: {as-user-extra: a}}"),
            ("{name: c, cluster: {server: 'https://x'}}", "{name: u, user: {as-user-extra: [a]}}"),
            ("{name: c, cluster: {server: 'https://x'}}", "{name: u, user: {as-groups: 1}}"),
            ("{name: c, cluster: {server: 'https://['}}", "{name: u, user: {}}"),
        )
    ),
}


@pytest.mark.parametrize("name", TARGETS)
def test_a_target_takes_its_seeds_and_what_was_found(name: str) -> None:
    inputs = [*seeds(name), *REGRESSIONS.get(name, ())]
    assert inputs
    for raw in inputs:
        TARGETS[name](raw)


@pytest.mark.parametrize("name", TARGETS)
def test_a_target_takes_what_is_cut_or_mangled(name: str) -> None:
    starts = sorted(seeds(name), key=len)[:3]

    @settings(max_examples=40)
    @given(
        st.sampled_from(starts), st.integers(0, 2000), st.integers(0, 2000), st.binary(max_size=8)
    )
    def check(raw: bytes, begin: int, end: int, middle: bytes) -> None:
        TARGETS[name](raw[:begin] + middle + raw[end:])

    check()
