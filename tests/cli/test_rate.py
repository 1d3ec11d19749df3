"""`--requests-per-second`: who shares a bucket, and how shards divide the rate without a word to each other."""

from __future__ import annotations

import json
import os
from functools import partial
from pathlib import Path

import pytest

from reconciler.adapters.redactor import SecretRedactor
from reconciler.cli.root import root as program
from reconciler.cli.wiring.dependencies import build_dependencies
from reconciler.cli.wiring.inputs import Inputs
from reconciler.cli.wiring.rate import Division, Fleet, RateLimit
from reconciler.http.rate import Bucket
from reconciler.model.shard import UNDIVIDED, Shard
from tests.adapters.sources.test_worktree import git
from tests.interpreters.warm import Ended, command
from tests.world import World

EU, US = "https://eu.example.com:6443", "https://us.example.com:443"
CONTEXTS = {"eu-1": EU, "eu-2": "https://EU.example.com:6443/", "us": "https://us.example.com"}
SERVERS = {"eu-1": EU, "eu-2": EU, "us": US}
PLACES = {
    "dev": "eu-1",
    "prod": "eu-2",
    "prod-eu": "eu-2",
    "prod-us": "us",
    "staging": "us",
    "test": "eu-1",
}


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Six environments, of three contexts, on two servers."""
    world = World.make(tmp_path / "config", dict.fromkeys(PLACES, "llm"))
    for name, context in PLACES.items():
        cluster = f"{{type: kubernetes, context: {context}}}"
        world.edit(f"environments/{name}/environment.yaml", "{type: kubernetes}", cluster)
    clusters = [{"name": name, "cluster": {"server": url}} for name, url in CONTEXTS.items()]
    contexts = [{"name": name, "context": {"cluster": name}} for name in CONTEXTS]
    content = {"clusters": clusters, "contexts": contexts, "users": [], "current-context": "us"}
    (tmp_path / "kubeconfig").write_text(json.dumps(content))
    return world


def rates(
    world: World, division: Division, *servers: str, number: int = 12, trust: str = ""
) -> list[float]:
    """The rates of the buckets for connections to these servers."""
    made: list[float] = []

    def bucket(rate: float) -> Bucket:
        made.append(rate)
        return Bucket(rate)

    inputs = Inputs(str(world.root), kubeconfig=str(world.root.parent / "kubeconfig"), trust=trust)
    deps = build_dependencies(inputs, SecretRedactor())
    fleet = Fleet(deps.repository, deps.trusted, deps.root, deps.target, deps.target_of_earlier)
    uses = partial(fleet.uses, inputs, division)
    limit = RateLimit(number, division.shard, uses, bucket)
    for server in servers:
        limit.turns_at(server)
    return made


def test_connections_to_one_server_share_a_bucket(world: World) -> None:
    assert rates(world, Division(UNDIVIDED), EU, US, EU, US) == [12, 12]


def test_a_run_that_is_not_divided_reads_no_other_environment(tmp_path: Path) -> None:
    nowhere = World.make(tmp_path / "config", {})
    assert rates(nowhere, Division(UNDIVIDED), EU) == [12]


@pytest.mark.parametrize("server", [EU, US])
@pytest.mark.parametrize("total", [1, 2, 3, 5])
def test_shards_divide_the_rate_by_their_environments_on_the_server(
    world: World, total: int, server: str
) -> None:
    users = [name for name, context in PLACES.items() if SERVERS[context] == server]
    shards = [Shard(index, total) for index in range(total)]
    own = {shard: sum(map(shard.owns, users)) for shard in shards}
    divided = {shard: rates(world, Division(shard), server) for shard in shards if own[shard]}
    assert divided == {
        shard: [pytest.approx(12 * number / len(users))] for shard, number in own.items() if number
    }
    assert sum(rate for (rate,) in divided.values()) == pytest.approx(12)


def test_only_environments_of_the_command_line_count(world: World) -> None:
    (shard,) = [each for each in (Shard(0, 2), Shard(1, 2)) if each.owns("prod-us")]
    assert rates(world, Division(shard, ("prod-us", "prod")), US) == [12]


def test_an_environment_that_cannot_be_read_sends_nothing_and_takes_no_part(world: World) -> None:
    world.write({"environments/staging/environment.yaml": "configVersion: 7"})
    (shard,) = [each for each in (Shard(0, 2), Shard(1, 2)) if each.owns("prod-us")]
    assert rates(world, Division(shard), US) == [12]


def test_the_record_of_an_environment_before_is_read_by_other_shards_too(world: World) -> None:
    world.edit("environments/prod/environment.yaml", "home:", "after: [staging]\nhome:")
    shards = [Shard(index, 5) for index in range(5)]
    (reading,) = [each for each in shards if each.owns("prod")]
    assert not reading.owns("staging")
    assert rates(world, Division(reading, reads_earlier=True), US) == [pytest.approx(12 / 3)]
    (owning,) = [each for each in shards if each.owns("staging")]
    own = 1 + owning.owns("prod-us")
    assert rates(world, Division(owning), US) == [pytest.approx(12 * own / 2)]
    assert rates(world, Division(owning, reads_earlier=True), US) == [pytest.approx(12 * own / 3)]


def test_an_unreadable_environment_before_hides_no_other(world: World) -> None:
    """A diff notes that its record cannot be read, and reads the next one."""
    world.edit("environments/prod/environment.yaml", "home:", "after: [dev, staging]\nhome:")
    world.write({"environments/dev/environment.yaml": "configVersion: 7"})
    (reading,) = [each for each in (Shard(index, 5) for index in range(5)) if each.owns("prod")]
    assert rates(world, Division(reading, reads_earlier=True), US) == [pytest.approx(12 / 3)]


def test_environments_that_the_trusted_revision_lacks_count(world: World) -> None:
    """Until it has them, their own settings decide."""
    for words in (("init", "-q"), ("add", "-A"), ("commit", "-qm", "x")):
        git(world.root, *words)
    file = "environments/prod-us/environment.yaml"
    settings = (world.root / file).read_text()
    world.write({"environments/new/environment.yaml": settings, file: "configVersion: 7"})
    (owning,) = [each for each in (Shard(index, 5) for index in range(5)) if each.owns("new")]
    own = sum(map(owning.owns, ("new", "prod-us", "staging")))
    assert rates(world, Division(owning), US, trust="HEAD") == [pytest.approx(12 * own / 3)]


def run(world: World, *words: str, **variables: str) -> Ended:
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("RECONCILER_", "JOB_"))}
    return command("status", *words, "-C", str(world.root), env=clean | variables)


@pytest.mark.parametrize("number", ["0", "-1", "1.5", "many", "100001", ""])
def test_what_is_no_rate_is_a_usage_error(world: World, number: str) -> None:
    ran = run(world, "--requests-per-second", number)
    assert ran.code == 2
    assert "Invalid value for '--requests-per-second'" in ran.stderr


def test_the_rate_may_be_a_variable(world: World) -> None:
    where = ("--cluster", f"directory:{world.root / 'cluster'}")
    codes = {n: run(world, *where, RECONCILER_REQUESTS_PER_SECOND=n).code for n in ("0", "9", "")}
    assert codes == {"0": 2, "9": 0, "": 0}


def test_every_command_that_connects_to_a_cluster_has_the_option() -> None:
    options = {
        name: {option for parameter in each.params for option in parameter.opts}
        for name, each in program.commands.items()  # type: ignore[attr-defined]  # a group
    }
    connecting = {name for name, each in options.items() if "--kubeconfig" in each}
    assert {name for name, each in options.items() if "--requests-per-second" in each} == connecting
    assert {"apply", "diff", "drift", "status", "notify", "snapshot"} <= connecting
