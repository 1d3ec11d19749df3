"""`--shard`: several runs divide the environments, and each compares all of them."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from reconciler.model.environment import ClusterTarget, ClusterType, Environment
from reconciler.stages.overlaps import may_meet
from reconciler.stages.plain import plain_environment
from tests.interpreters.warm import Ended, command
from tests.world import World

NAMES = tuple(f"cluster-{number}" for number in range(12))


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Environments with a cluster each, in folders."""
    world = World.make(tmp_path / "config", dict.fromkeys(NAMES, "llm"))
    for name in NAMES:
        world.edit(
            f"environments/{name}/environment.yaml", "{type: kubernetes}", "{type: directory}"
        )
    return world


def run(world: World, *words: str, **variables: str) -> Ended:
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("RECONCILER_", "JOB_"))}
    return command(*words, "-C", str(world.root), env=clean | variables)


def applied(world: World) -> set[str]:
    clusters = world.root / ".clusters"
    return {path.name for path in clusters.iterdir()} if clusters.exists() else set()


def test_the_shares_together_are_all_and_none_twice(world: World) -> None:
    before: set[str] = set()
    for index in range(3):
        ran = run(world, "apply", "--all", "--shard", f"{index}/3")
        assert ran.code in (0, 6), ran.stdout
        new = applied(world) - before
        assert {name for name in NAMES if f"\n{name}: 3 created" in ran.stdout} == new
        before |= new
    assert before == set(NAMES)


def test_a_pod_of_an_indexed_job_knows_its_share(world: World) -> None:
    job = {"JOB_COMPLETION_INDEX": "1", "JOB_COMPLETIONS": "3"}
    named = run(world, "diff", "--shard", "1/3", "-o", "line")
    assert run(world, "diff", "-o", "line", **job).stdout == named.stdout
    assert (
        run(world, "diff", "-o", "line", **(job | {"RECONCILER_SHARD": "1/3"})).stdout
        == named.stdout
    )
    output = run(world, "diff", "-o", "line", JOB_COMPLETION_INDEX="1").stdout
    assert output.count("cluster-") > named.stdout.count("cluster-")


def test_environments_of_other_shares_are_compared_too(world: World) -> None:
    """Two that write one object are found, whichever run has which of them."""
    for name in NAMES[:2]:
        path = f"environments/{name}/environment.yaml"
        world.edit(path, "{type: directory}", "{type: kubernetes, context: same}")
    codes = [run(world, "apply", "--all", "--shard", f"{index}/6").stdout for index in range(6)]
    assert sum("write the same object to one cluster" in stdout for stdout in codes) >= 1
    assert applied(world) == set(NAMES[2:]), "neither of the two was written by anyone"


def test_a_share_without_an_environment_says_so(world: World) -> None:
    empty = [run(world, "diff", NAMES[0], "--shard", f"{index}/2") for index in range(2)]
    (nothing,) = [ran for ran in empty if not ran.stdout.strip()]
    assert (nothing.code, "no environment is in this share" in nothing.stderr) == (0, True)


def test_a_share_without_an_environment_leaves_a_report_that_can_be_gathered(
    world: World, tmp_path: Path
) -> None:
    """`kubectl logs` shows both streams as one."""
    for index in range(2):
        ran = run(world, "diff", NAMES[0], "--shard", f"{index}/2", "-o", "json")
        (tmp_path / f"{index}.json").write_text(ran.stderr + ran.stdout)
    files = [str(tmp_path / f"{index}.json") for index in range(2)]
    gathered = command("report", *files, "--expect", "1", "-o", "line")
    assert (gathered.code, gathered.stdout.partition(":")[0]) == (1, NAMES[0])


@pytest.mark.parametrize("shard", ["3/3", "1", "-1/3", "a/b", "1/0", "0/0", "1/3/4"])
def test_what_is_no_share_is_a_usage_error(world: World, shard: str) -> None:
    ran = run(world, "diff", "--shard", shard)
    assert ran.code == 2
    assert "is not I/N" in ran.stderr


def test_what_can_meet_nothing_of_this_share_is_not_rendered() -> None:
    """Or each pod of a fleet would render, and keep in memory, what all of them do."""

    def environment(name: str, context: str) -> Environment:
        target = ClusterTarget(ClusterType.KUBERNETES, context=context)
        return replace(plain_environment(()), name=name, cluster=target)

    contexts = {"ours": "eu", "same": "eu", "other": "us", "unsaid": "", "nowhere": ""}
    environments = [environment(*each) for each in contexts.items()]
    assert may_meet(environments, ["ours"]) == {"ours", "same"}
    assert may_meet(environments, ["unsaid"]) == {"unsaid"}
    assert may_meet(environments, ["other", "unreadable"]) == {"other", "unreadable"}
    assert may_meet(environments, contexts) == set(contexts)


@pytest.mark.parametrize(
    ("job", "message"),
    [
        (("5", "3"), "JOB_COMPLETION_INDEX is '5', and JOB_COMPLETIONS '3': set it to the number"),
        (("x", "3"), "JOB_COMPLETION_INDEX is 'x'"),
        (("", "3"), "JOB_COMPLETIONS is set, but JOB_COMPLETION_INDEX is not"),
    ],
)
def test_a_pod_without_a_share_of_its_own_runs_nothing(
    world: World, job: tuple[str, str], message: str
) -> None:
    index, completions = job
    variables = {"JOB_COMPLETION_INDEX": index} if index else {}
    ran = run(world, "apply", "--all", JOB_COMPLETIONS=completions, **variables)
    assert ran.code == 2
    assert message in ran.stderr
    assert "--shard" not in ran.stderr
    assert applied(world) == set()
