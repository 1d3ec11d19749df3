"""Objects that nobody manages are looked for in every kind and namespace of the environment, whatever git has."""

from __future__ import annotations

from pathlib import Path

import pytest

from reconciler.adapters.sources.worktree import Worktree
from reconciler.errors import BadAnswer, ClusterError, RefusalReason, Refused
from reconciler.kinds import KINDS
from reconciler.model.applyset import GROUP_KINDS, PART_OF, TOOL, set_id
from reconciler.model.change import State
from reconciler.model.document import Document
from reconciler.model.identity import CONFIG_MAP, Endpoint, GroupKind, ObjectRef
from reconciler.model.observation import Observed, Orphan
from reconciler.model.revision import Revision
from reconciler.model.verbs import APPLY, DIFF, DRIFT, IMPACT, STAMP, Verb
from reconciler.reconciliation import Reconciliation
from reconciler.report import Style
from reconciler.reports import FORMATS
from reconciler.steps.neighbours import without_neighbours
from reconciler.steps.sources import load
from tests.fakes import Fault
from tests.folder_world import CONFIG, FolderWorld
from tests.stages.live import HOME, PROVIDER

GATEWAY = """\
apiVersion: agent.flokoa.ai/v1alpha1
kind: ModelProvider
metadata: {name: gateway, namespace: omnia}
spec:
  apiKeySecretRef: {name: claude, key: ANTHROPIC_API_KEY}
  openai: {baseURL: https://gateway.example.com/v1}
"""
MODEL = KINDS[GroupKind("agent.flokoa.ai", "Model")].endpoint
FORBIDDEN = Refused(RefusalReason.FORBIDDEN, "you may not")


@pytest.fixture
def world(tmp_path: Path) -> FolderWorld:
    """Git has a ModelProvider, and it is applied."""
    root = tmp_path / "config"
    root.mkdir()
    world = FolderWorld(root).write(gateway=GATEWAY)
    world.secret("sk-canary-5b1d")
    assert world.run_environment(APPLY).exit_code == 0
    return world


def by_hand(
    world: FolderWorld, namespace: str, host: str = "llm.example.com", manager: str = TOOL
) -> None:
    body = {
        "apiVersion": PROVIDER.api_version,
        "kind": PROVIDER.kind,
        "metadata": {"name": "rogue", "namespace": namespace},
        "spec": {"type": "vllm", "model": "m", "baseURL": f"https://{host}/v1"},
    }
    world.cluster().create(PROVIDER, Document.of(body), manager=manager)


def lists(world: FolderWorld, endpoint: Endpoint) -> int:
    return sum(call.kind == endpoint.kind for call in world.connected["prod"].of("list"))


@pytest.mark.parametrize("verb", [APPLY, DIFF, DRIFT, IMPACT])
def test_a_kind_that_git_does_not_have_is_counted(world: FolderWorld, verb: Verb) -> None:
    by_hand(world, "omnia")
    ran = world.run_environment(verb)
    assert [each.ref.name for each in ran.unmanaged] == ["rogue"]
    assert (ran.exit_code, ran.not_in_sync) == (0, ())
    assert [lists(world, kind.endpoint) for kind in KINDS.values()] == [1, 1, 1]


@pytest.mark.parametrize(
    ("policy", "reason"),
    [
        ("unmanaged: fail", "unmanaged objects"),
        ("allowedHosts: [gateway.example.com]", "forbidden live values"),
    ],
)
def test_the_policy_decides(world: FolderWorld, policy: str, reason: str) -> None:
    by_hand(world, "omnia")
    world.write(config=f"{CONFIG}policy: {{{policy}}}\n")
    ran = world.run_environment(DRIFT)
    assert (ran.exit_code, ran.exit_reasons, ran.not_in_sync) == (1, (reason,), (reason,))


def test_so_is_a_namespace_of_the_environment_in_which_git_has_nothing(world: FolderWorld) -> None:
    world.write(config=CONFIG.replace("[omnia]", "[omnia, llm-system]"))
    by_hand(world, "llm-system")
    assert [str(each.ref.namespace) for each in world.run_environment(DRIFT).unmanaged] == [
        "llm-system"
    ]


def labelled(world: FolderWorld, set_of: str, *, applied: bool = False, **more: object) -> None:
    """A Provider with the label of an ApplySet, which a person writes as easily as a tool."""
    metadata = {"name": "rogue", "namespace": "omnia", "labels": {PART_OF: set_of}, **more}
    spec = {"type": "vllm", "model": "m", "baseURL": "https://llm.example.com/v1"}
    body = {
        "apiVersion": PROVIDER.api_version,
        "kind": "Provider",
        "metadata": metadata,
        "spec": spec,
    }
    if applied:
        world.cluster().apply(PROVIDER, Document.of(body), manager=TOOL)
    else:
        world.cluster().create(PROVIDER, Document.of(body))


@pytest.mark.parametrize("set_of", [set_id("prod", HOME), set_id("unknown", HOME), "x"])
def test_a_label_of_an_apply_set_manages_nothing(world: FolderWorld, set_of: str) -> None:
    labelled(world, set_of)
    world.write(config=f"{CONFIG}policy: {{unmanaged: fail}}\n")
    ran = world.run_environment(DRIFT)
    assert [each.ref.name for each in ran.unmanaged] == ["rogue"]
    assert (ran.exit_code, ran.not_in_sync) == (1, ("unmanaged objects",))
    assert State.KEPT not in {change.state for change in ran.changes}


ONE_CLUSTER = f"{CONFIG}cluster: {{type: directory, path: .clusters/both}}\n"


@pytest.mark.parametrize("verb", [DRIFT, IMPACT])
def test_an_object_of_another_environment_is_managed_there(world: FolderWorld, verb: Verb) -> None:
    world.write("staging", "prod", config=ONE_CLUSTER)
    labelled(world, set_id("staging", HOME), applied=True)
    assert world.run_environment(verb).unmanaged == ()


@pytest.mark.parametrize(
    ("staging", "applied"),
    [
        (ONE_CLUSTER, False),
        (ONE_CLUSTER.replace("[omnia]", "[elsewhere]"), True),
        (ONE_CLUSTER.replace("both", "another"), True),
        (ONE_CLUSTER + "mode: observe\nmanager: argocd-controller\n", True),
        ("no: mapping of ours\n", True),
    ],
    ids=["not-applied", "namespace", "cluster", "manager", "unusable"],
)
def test_the_label_of_an_environment_that_cannot_have_applied_it_manages_nothing(
    world: FolderWorld, staging: str, applied: bool
) -> None:
    world.write("prod", config=ONE_CLUSTER)
    world.write("staging", config=staging)
    labelled(world, set_id("staging", HOME), applied=applied)
    assert [each.ref.name for each in world.run_environment(DRIFT).unmanaged] == ["rogue"]


ARGO = "argocd-controller"
OBSERVED = f"mode: observe\nmanager: {ARGO}\n"
ROGUE = """\
apiVersion: omnia.altairalabs.ai/v1alpha1
kind: Provider
metadata: {name: rogue, namespace: omnia}
spec: {type: vllm, model: m, baseURL: https://llm.example.com/v1}
"""


@pytest.mark.parametrize(
    ("staging", "template", "manager", "left"),
    [
        (ONE_CLUSTER, ROGUE, ARGO, []),
        (ONE_CLUSTER, ROGUE, "kubectl", ["rogue"]),
        (ONE_CLUSTER, ROGUE.replace("name: rogue", "name: other"), ARGO, ["rogue"]),
        (ONE_CLUSTER, "a: [", ARGO, ["rogue"]),
        (ONE_CLUSTER.replace("both", "another"), ROGUE, ARGO, ["rogue"]),
        (ONE_CLUSTER.replace("[omnia]", "[elsewhere]"), ROGUE, ARGO, ["rogue"]),
    ],
    ids=["observed", "manager", "not-in-git", "unusable", "cluster", "namespace"],
)
def test_what_another_tool_applies_is_managed_where_git_has_it_and_it_is_observed(
    world: FolderWorld, staging: str, template: str, manager: str, left: list[str]
) -> None:
    world.write("prod", config=ONE_CLUSTER)
    world.write("staging", config=staging + OBSERVED, rogue=template)
    by_hand(world, "omnia", manager=manager)
    assert [each.ref.name for each in world.run_environment(DRIFT).unmanaged] == left


def test_each_environment_file_is_read_once_for_all_objects(
    world: FolderWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the other files of a neighbour never."""
    read: list[str] = []
    world.write("prod", "staging", config=ONE_CLUSTER)
    labelled(world, set_id("staging", HOME), applied=True)
    deps = world.dependencies()
    orphan = Orphan(
        ObjectRef(PROVIDER.group, PROVIDER.kind, "omnia", "rogue"),
        world.cluster().list(PROVIDER, "omnia")[0],
    )
    environments = [load(deps, name).environment for name in ("prod", "staging")]
    read_file = Worktree.read

    def counted(tree: Worktree, path: str) -> str | None:
        read.append(path)
        return read_file(tree, path)

    monkeypatch.setattr(Worktree, "read", counted)
    left = [
        without_neighbours(deps, Reconciliation(each), Observed(unmanaged=(orphan,))).unmanaged
        for each in environments
    ]
    assert left == [(), (orphan,)]
    assert read == [f"environments/{name}/environment.yaml" for name in ("prod", "staging")]


def test_impact_believes_our_marks_no_more_where_git_has_objects(world: FolderWorld) -> None:
    world.write(gateway=GATEWAY, claude=ROGUE.replace("name: rogue", "name: claude"))
    assert world.run_environment(APPLY).exit_code == 0
    labelled(world, set_id("prod", HOME), applied=True)
    for verb in (DRIFT, IMPACT):
        assert [each.ref.name for each in world.run_environment(verb).unmanaged] == ["rogue"]


@pytest.mark.parametrize("prune", [False, True])
def test_our_label_and_our_manager_are_no_proof_where_the_record_has_everything(
    world: FolderWorld, prune: bool
) -> None:
    """Anybody can write both. It would be kept for ever, and a run that prunes would refuse to delete it each time."""
    labelled(world, set_id("prod", HOME), applied=True)
    policy = f"{{unmanaged: fail, prune: {str(prune).lower()}}}"
    world.write(config=f"{CONFIG}policy: {policy}\n")
    ran = world.run_environment(DRIFT)
    assert [each.ref.name for each in ran.unmanaged] == ["rogue"]
    assert (ran.exit_code, ran.not_in_sync) == (1, ("unmanaged objects",))
    applied = world.run_environment(APPLY)
    assert (applied.exit_reasons, len(applied.changes)) == ((), 1)
    assert world.cluster().get(PROVIDER, "omnia", "rogue")
    assert world.run_environment(IMPACT).unmanaged[0].ref.name == "rogue"
    said = FORMATS["text"].render(world.run(DRIFT), Style())
    assert "the record has no such object, and anyone can use this name" in said


def test_an_object_that_no_apply_deleted_is_not_ours_because_it_is_being_deleted(
    world: FolderWorld,
) -> None:
    """With a finalizer of its own it would stay, and fail nothing, for ever."""
    labelled(world, set_id("prod", HOME), applied=True, finalizers=["example.com/keep"])
    uid = world.cluster().list(PROVIDER, "omnia")[0].body()["metadata"]["uid"]
    world.cluster().delete(PROVIDER, "omnia", "rogue", uid=uid)
    assert world.cluster().get(PROVIDER, "omnia", "rogue")
    world.write(config=f"{CONFIG}policy: {{unmanaged: fail}}\n")
    ran = world.run_environment(DRIFT)
    assert [each.ref.name for each in ran.unmanaged] == ["rogue"]
    assert ran.not_in_sync == ("unmanaged objects",)
    assert world.run_environment(IMPACT).unmanaged[0].ref.name == "rogue"


@pytest.mark.parametrize("lost", ["the record", "its end"])
def test_what_we_applied_is_ours_where_the_record_may_lack_it(
    world: FolderWorld, lost: str
) -> None:
    """The record is lost, or an apply was killed before it wrote it, after it had announced another kind."""
    labelled(world, set_id("prod", HOME), applied=True)
    cluster = world.cluster()
    stored = cluster.get(CONFIG_MAP, HOME, "provider-reconciler-prod")
    assert stored is not None
    body = stored.body()
    if lost == "the record":
        uid = body["metadata"]["uid"]
        cluster.delete(CONFIG_MAP, HOME, "provider-reconciler-prod", uid=uid)
    else:
        body["metadata"]["annotations"][GROUP_KINDS] += ",Provider.omnia.altairalabs.ai"
        cluster.replace(CONFIG_MAP, Document.of(body))
    ran = world.run_environment(DRIFT)
    assert (ran.unmanaged, [c.ref.name for c in ran.changes if c.state is State.KEPT]) == (
        (),
        ["rogue"],
    )


def test_without_permission_it_is_not_checked_and_stops_nothing_else(world: FolderWorld) -> None:
    world.faults["prod"] = (Fault(FORBIDDEN, "list", kind="Provider"),)
    ran = world.run_environment(DRIFT)
    assert [(each.name, each.reason) for each in ran.unchecked] == [
        ("Provider in omnia", "no permission")
    ]
    assert ran.unchecked[0].hint == f"allow list on {PROVIDER.crd_name} in omnia"
    assert (ran.exit_code, ran.not_in_sync) == (1, ("not checked",))
    assert world.run_environment(APPLY).exit_code == 0


def test_a_kind_that_the_cluster_does_not_list_as_it_says_is_not_checked(
    world: FolderWorld,
) -> None:
    """Its CRD serves another version, for example."""
    world.faults["prod"] = (
        Fault(Refused(RefusalReason.NO_KIND, "not served"), "list", kind="Provider"),
    )
    (unchecked,) = world.run_environment(DRIFT).unchecked
    assert (unchecked.name, unchecked.hint) == ("Provider in omnia", "not served")


@pytest.mark.parametrize("error", [ClusterError("webhook: 500"), BadAnswer("no list")])
def test_a_list_that_fails_where_nothing_is_ours_stops_no_run(
    world: FolderWorld, error: ClusterError
) -> None:
    world.faults["prod"] = (Fault(error, "list", kind="Provider"),)
    ran = world.run_environment(DRIFT)
    assert [(each.name, each.hint) for each in ran.unchecked] == [
        ("Provider in omnia", error.message)
    ]
    applied = world.run_environment(APPLY)
    assert (applied.exit_code, applied.error, len(applied.changes)) == (0, None, 1)
    world.faults["prod"] = (Fault(error, "list", kind="ModelProvider"),)
    assert world.run_environment(APPLY).error is not None


def test_what_nobody_may_list_elsewhere_keeps_no_revision_from_a_later_environment(
    world: FolderWorld,
) -> None:
    world.revision = Revision("a" * 40, "main")
    config = f"{CONFIG}after: [prod]\n"
    world.write("last", config=config)
    for kind, error in (("Provider", None), ("ModelProvider", "not proven")):
        world.faults["prod"] = (Fault(FORBIDDEN, "list", kind=kind),)
        applied = world.run_environment(APPLY)
        assert [each.elsewhere for each in applied.unchecked] == [error is None]
        (last,) = world.run(APPLY, "last").environments
        assert (last.error is None) == (error is None)


def test_what_the_policy_ignores_is_not_looked_for(world: FolderWorld) -> None:
    world.write(config=f"{CONFIG}policy: {{unmanaged: ignore}}\n")
    by_hand(world, "omnia")
    world.faults["prod"] = (Fault(FORBIDDEN, "list", kind="Provider"),)
    ran = world.run_environment(DRIFT)
    assert (ran.exit_code, ran.unmanaged, ran.unchecked) == (0, (), ())
    assert [lists(world, kind.endpoint) for kind in KINDS.values()].count(1) == 1


@pytest.mark.parametrize(
    "rule",
    [
        "allowedHosts: [gateway.example.com]",
        "allowedHeaders: []",
        "deniedHeaders: [x]",
        "secretNames: [claude]",
        "referenceNamespaces: []",
        "plainHttp: forbid",
        "insecureSkipVerify: forbid",
    ],
)
def test_it_is_looked_for_values_that_a_rule_forbids(world: FolderWorld, rule: str) -> None:
    world.write(config=f"{CONFIG}policy: {{unmanaged: ignore, {rule}}}\n")
    world.run_environment(DRIFT)
    assert lists(world, PROVIDER) == 1


def test_a_kind_that_is_not_installed_is_not_listed(world: FolderWorld) -> None:
    (crd,) = (world.root.parent / "live/prod").rglob(f"{PROVIDER.crd_name}*")
    crd.unlink()
    ran = world.run_environment(DRIFT)
    assert (ran.exit_code, ran.unchecked, ran.not_in_sync) == (0, (), ())
    assert (lists(world, PROVIDER), lists(world, MODEL)) == (0, 1)


@pytest.mark.parametrize(
    ("verb", "options"),
    [(DRIFT, {"only": frozenset({"modelprovider/omnia/gateway"})}), (STAMP, {})],
)
def test_who_looks_at_some_objects_does_not_look_there(
    world: FolderWorld, verb: Verb, options: dict[str, frozenset[str]]
) -> None:
    world.run_environment(verb, **options)
    assert lists(world, PROVIDER) == 0
