"""Who is affected, through the pipeline: what is listed for it, and what a run does with the answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from reconciler.consumers import CONSUMERS
from reconciler.errors import ExitCode, RefusalReason, Refused
from reconciler.model.document import Document
from reconciler.model.identity import CONFIG_MAP, Endpoint, GroupKind, secret_ref
from reconciler.model.impact import Effect, Pod
from reconciler.model.revision import Revision
from reconciler.model.rotation import Rotation
from reconciler.model.run import EnvironmentRun, Run
from reconciler.model.verbs import APPLY, DIFF, DRIFT, IMPACT, VALIDATE
from reconciler.report import Style
from reconciler.reports import FORMATS
from tests.consumers.bodies import OMNIA, runtime
from tests.fakes import Fault, FaultyCluster
from tests.folder_world import FolderWorld
from tests.stages.live import HOME, PROVIDER, document
from tests.test_pipeline import CLAUDE, MOCK, RECORD

KIND = GroupKind(OMNIA, "AgentRuntime")
SECRET = secret_ref("omnia", "claude")
BEFORE, AFTER = "2020-01-01T00:00:00Z", "2100-01-01T00:00:00Z"


@pytest.fixture
def world(tmp_path: Path) -> FolderWorld:
    """One Provider with its Secret, one that nobody uses, and an agent; applied once."""
    root = tmp_path / "config"
    root.mkdir()
    world = FolderWorld(root, consumers=CONSUMERS)
    world.write(claude=CLAUDE, mock=MOCK)
    world.secret("first")
    assert world.run_environment(APPLY).exit_code is ExitCode.OK
    world.cluster().create(CONSUMERS[KIND].endpoint, Document.of(runtime()))
    return world


CONSUMER_KINDS = ["AgentRuntime", "ArenaJob", "Workspace"]
MANAGED_KINDS = ["Model", "ModelProvider", "Provider"]


def pod(start: str) -> Pod:
    labels = (("app.kubernetes.io/instance", "shop"), ("app.kubernetes.io/name", "omnia-agent"))
    return Pod("omnia", "shop-1", labels, (("runtime", start),))


def listed(world: FolderWorld, verb: str = "list") -> list[str]:
    calls = world.connected["prod"].of(verb)
    return sorted(call.kind if verb == "list" else call.name for call in calls)


def effects(environment: EnvironmentRun) -> dict[str, Effect]:
    return {
        row.root.name: row.on_change.effect
        for row in environment.affected
        if row.on_change and row.root != SECRET
    }


def test_each_kind_of_consumer_is_listed_once_and_no_pods(world: FolderWorld) -> None:
    for verb in (DIFF, DRIFT, APPLY):
        environment = world.run_environment(verb)
        assert environment.exit_code is ExitCode.OK
        assert listed(world) == sorted([*CONSUMER_KINDS, *MANAGED_KINDS])
        assert listed(world, "pods") == []
        assert environment.affected == ()


def test_an_environment_without_objects_lists_no_consumers(tmp_path: Path) -> None:
    world = FolderWorld(tmp_path, consumers=CONSUMERS)
    world.write()
    world.run_environment(DIFF)
    assert listed(world) == MANAGED_KINDS, "for objects that nobody manages"
    world.run_environment(VALIDATE)


def test_a_change_names_whom_it_restarts(world: FolderWorld) -> None:
    world.write(claude=CLAUDE.replace("model: one", "model: two"), mock=MOCK)
    assert effects(world.run_environment(DIFF)) == {"claude": Effect.RESTARTS}
    world.write(claude=CLAUDE + "  headers: {X-Team: a}\n", mock=MOCK)
    assert effects(world.run_environment(DIFF)) == {"claude": Effect.KEEPS_OLD}


def test_what_git_gave_up_is_still_used(world: FolderWorld) -> None:
    (world.root / "environments/prod/claude.yaml.j2").unlink()
    environment = world.run_environment(DIFF)
    (row,) = [each for each in environment.affected if each.root.name == "claude"]
    assert row.on_deletion is not None
    assert row.on_deletion.effect is Effect.BREAKS


@pytest.mark.parametrize(
    ("start", "rotation", "code"),
    [
        (BEFORE, Rotation.ROTATED, ExitCode.DIFFERENCES),
        (AFTER, Rotation.PICKED_UP, ExitCode.OK),
    ],
)
def test_pods_decide_whether_a_rotation_stays_open(
    world: FolderWorld, start: str, rotation: Rotation, code: ExitCode
) -> None:
    world.pods = (pod(start),)
    world.secret("second")
    environment = world.run_environment(DRIFT.recording())
    assert listed(world, "pods") == ["omnia app.kubernetes.io/name=omnia-agent"]
    assert [row.rotation for row in environment.secrets] == [rotation]
    assert environment.exit_code is code
    assert world.run_environment(DRIFT).exit_code is code, (
        "a rotation that was picked up stays closed"
    )


def test_a_consumer_that_nobody_could_look_at_is_not_checked_in_the_run_that_closes_the_rotation(
    world: FolderWorld,
) -> None:
    """Pods can be listed in one of two namespaces: the rotation closes, and "in sync" is not said without that."""
    far = runtime("far", HOME)
    far["spec"]["providers"][0]["providerRef"]["namespace"] = "omnia"
    world.cluster().create(CONSUMERS[KIND].endpoint, Document.of(far))
    refused = Refused(RefusalReason.FORBIDDEN, "forbidden")
    place = f"{HOME} app.kubernetes.io/name=omnia-agent"
    world.faults["prod"] = (Fault(refused, "pods", name=place),)
    world.pods = (pod(AFTER),)
    world.secret("second")
    environment = world.run_environment(DRIFT.recording())
    assert [row.rotation for row in environment.secrets] == [Rotation.PICKED_UP]
    assert [(each.subject, each.name, each.reason) for each in environment.unchecked] == [
        ("consumer", f"AgentRuntime {HOME}/far", "no permission")
    ]
    assert environment.not_in_sync == environment.exit_reasons == ("not checked",)
    text = FORMATS["text"].render(Run(DRIFT, "1", Revision(), (environment,)), Style())
    assert "1 consumer not checked: no permission" in text


class OvertakenCluster(FaultyCluster):
    """Somebody else writes the record just before this run does."""

    def replace(self, endpoint: Endpoint, body: Document) -> Document:
        if endpoint == CONFIG_MAP and not self.of("replace"):
            stored = self.inner.get(endpoint, HOME, RECORD)
            assert stored
            metadata = stored.body()["metadata"]
            noted = metadata | {"annotations": metadata["annotations"] | {"note": "theirs"}}
            self.inner.replace(endpoint, Document.of(stored.body() | {"metadata": noted}))
        return super().replace(endpoint, body)


def test_a_record_that_somebody_else_wrote_meanwhile_closes_it_as_well(
    world: FolderWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.pods = (pod(AFTER),)
    world.secret("second")
    cluster = OvertakenCluster(world.cluster(), pods=world.pods)
    with monkeypatch.context() as patch:
        patch.setattr(world, "connect", lambda _: cluster)
        environment = world.run_environment(DRIFT.recording())
    assert len(cluster.of("replace")) == 2
    assert [row.rotation for row in environment.secrets] == [Rotation.PICKED_UP]
    world.pods = None
    assert world.run_environment(DRIFT).exit_code is ExitCode.OK, "the record has it closed"


def test_without_pods_a_rotation_stays_open(world: FolderWorld) -> None:
    world.secret("second")
    environment = world.run_environment(DRIFT)
    assert [row.rotation for row in environment.secrets] == [Rotation.ROTATED]
    (row,) = [each for each in environment.affected if each.root == SECRET and each.keys]
    assert row.unread == "a directory cluster has no pods"


def test_an_apply_for_another_reason_looks_at_no_pods(world: FolderWorld) -> None:
    world.pods = (pod(AFTER),)
    world.secret("second")
    environment = world.run_environment(APPLY)
    assert listed(world, "pods") == []
    assert [row.rotation for row in environment.secrets] == [Rotation.ROTATED]


def test_consumers_that_may_not_be_listed_fail_a_watch_and_no_review(world: FolderWorld) -> None:
    world.faults["prod"] = (Fault(Refused(RefusalReason.FORBIDDEN, "no"), "list", "AgentRuntime"),)
    watch, review = world.run_environment(DRIFT), world.run_environment(DIFF)
    assert {each.name for each in watch.unchecked} == {
        "AgentRuntime in llm-system",
        "AgentRuntime in omnia",
        "AgentRuntime in other namespaces",
    }
    assert watch.exit_code is ExitCode.DIFFERENCES
    assert "not checked" in watch.exit_reasons
    assert review.exit_code is ExitCode.OK
    assert review.unchecked == watch.unchecked


class TestImpact:
    """`impact` compares nothing, writes nothing, and takes addresses."""

    def test_without_an_address_every_tree_is_shown_once(self, world: FolderWorld) -> None:
        world.pods = (pod(AFTER),)
        environment = world.run_environment(IMPACT)
        assert environment.exit_code is ExitCode.OK
        assert [root.name for root in environment.traced] == ["claude", "mock"]
        assert {row.root for row in environment.affected} == {SECRET}
        cluster = world.connected["prod"]
        assert cluster.of("dry-run", "apply", "create", "replace") == []
        (shop,) = [row for row in environment.affected if row.consumer.name == "shop"]
        assert shop.started == (AFTER,)

    def test_an_unmanaged_provider_is_a_root_and_marked(self, world: FolderWorld) -> None:
        """Somebody made it by hand, and an agent sends its prompts there."""
        secret = {"name": "rogue-key", "key": "ANTHROPIC_API_KEY"}
        spec = {"type": "claude", "model": "one", "credential": {"secretRef": secret}}
        world.cluster().create(PROVIDER, document(PROVIDER, "rogue", "omnia", spec))
        user = runtime("lab", providers=[{"name": "default", "providerRef": {"name": "rogue"}}])
        world.cluster().create(CONSUMERS[KIND].endpoint, Document.of(user))
        keyless = document(PROVIDER, "keyless", "omnia", {"type": "mock", "model": "one"})
        world.cluster().create(PROVIDER, keyless)
        everything = world.run_environment(IMPACT)
        roots = [root.name for root in everything.traced]
        assert roots == ["claude", "rogue-key", "keyless", "mock"]
        for address in ("provider/omnia/rogue", "secret/omnia/rogue-key"):
            result = world.run_environment(IMPACT, addresses=frozenset({address}))
            assert [row.consumer.name for row in result.affected][-1] == "lab"
        only = world.run_environment(IMPACT, addresses=frozenset({"provider/omnia/rogue"}))
        text = FORMATS["text"].render(Run(IMPACT, "1", Revision(), (only,)), Style())
        assert "IMPACT      Provider omnia/rogue   unmanaged\n" in text
        assert "2 unmanaged objects" in text

    def test_without_permission_unmanaged_providers_are_not_checked(
        self, world: FolderWorld
    ) -> None:
        world.faults["prod"] = (Fault(Refused(RefusalReason.FORBIDDEN, "no"), "list", "Provider"),)
        result = world.run_environment(IMPACT)
        assert [each.name for each in result.unchecked] == ["Provider in omnia"]
        assert [root.name for root in result.traced] == ["claude", "mock"]

    def test_an_address_is_short_or_has_the_group(self, world: FolderWorld) -> None:
        for address in ("provider/omnia/claude", "provider.omnia.altairalabs.ai/omnia/claude"):
            environment = world.run_environment(IMPACT, addresses=frozenset({address}))
            assert [root.kind for root in environment.traced] == ["Provider"]
            assert [row.consumer.name for row in environment.affected] == ["shop"]

    def test_an_address_of_nothing_names_what_there_is(self, world: FolderWorld) -> None:
        environment = world.run_environment(IMPACT, addresses=frozenset({"secret/omnia/clawde"}))
        assert environment.exit_code is ExitCode.USAGE
        assert environment.error is not None
        assert "secret/omnia/claude" in environment.error.hint
