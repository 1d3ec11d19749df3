"""What is not committed is not applied to an API server."""

from __future__ import annotations

import pytest

from reconciler.model.environment import ClusterTarget, ClusterType
from reconciler.model.revision import Revision
from reconciler.stages.uncommitted import refused

COMMIT = "a1b2c3d" + "0" * 33
FILES = tuple(f"templates/{letter}.yaml.j2" for letter in "abcdefg")
API_SERVER = ClusterTarget(ClusterType.KUBERNETES, context="prod-eu")
FOLDER = ClusterTarget(ClusterType.DIRECTORY, path="/tmp/live")


@pytest.mark.parametrize(
    ("revision", "expected"),
    [
        (
            Revision(COMMIT, dirty=True, changed=FILES[:2]),
            f"the working tree differs from a1b2c3d: {FILES[0]}, {FILES[1]}",
        ),
        (
            Revision(COMMIT, dirty=True, changed=FILES),
            f"the working tree differs from a1b2c3d: {', '.join(FILES[:5])} and 2 more",
        ),
        (
            Revision(COMMIT, dirty=True),
            "the working tree cannot be compared with a1b2c3d: the clone lacks objects of git",
        ),
        (
            Revision(dirty=True),
            "the repository has no commit yet",
        ),
    ],
)
def test_what_is_not_committed_is_named(revision: Revision, expected: str) -> None:
    error = refused(revision, API_SERVER)
    assert error is not None
    assert error.message == expected
    assert "--allow-dirty" in error.hint


@pytest.mark.parametrize(
    ("revision", "cluster"),
    [
        (Revision(COMMIT), API_SERVER),
        (Revision(), API_SERVER),  # without git there is nothing to compare with
        (Revision(COMMIT, dirty=True, changed=FILES), FOLDER),
    ],
)
def test_a_commit_and_a_folder_are_applied(revision: Revision, cluster: ClusterTarget) -> None:
    assert refused(revision, cluster) is None
