"""What a sealed plan is bound to: what moves it, and that it has nothing to guess a value with."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, replace
from typing import Any

import pytest

from reconciler.kinds import KINDS
from reconciler.model.change import Action, Plan, State
from reconciler.model.document import Document, JsonObject, canonical
from reconciler.model.environment import ManifestPolicy, OnDrift, Policy
from reconciler.model.observation import Observed, Orphan
from reconciler.model.revision import Revision
from reconciler.model.run import ClusterIdentity
from reconciler.model.sealed import SealedObject, SealedPlan
from reconciler.model.secret import Keyring
from reconciler.semantics.schema.crd import Crd
from reconciler.stages.plan import plan
from reconciler.stages.seal import SealInput, seal, writers
from reconciler.text.yaml import load_one
from tests.stages.builders import REF, US, given, observation, owner, record, stored
from tests.stages.live import crd_text, environment

SPEC = {"type": "claude", "model": "claude-haiku-4-5", "headers": {"X-Gate": "hunter2"}}
OURS = owner(US, "spec.type", "spec.model", "spec.headers.X-Gate")
KEY = Keyring(b"k" * 32)
CRD = Crd.of(load_one(crd_text("providers.omnia.altairalabs.ai"), "crd"))
INPUT = SealInput(
    "1.2.3",
    Revision("a" * 40),
    environment(),
    ClusterIdentity("prod-eu", "uid"),
    {REF.group_kind: CRD},
)


def sealed(
    live: Document | None, *, spec: JsonObject = SPEC, key: Keyring | None = None, **inputs: Any
) -> SealedPlan:
    metadata = live.body()["metadata"] if live else {}
    marks = {key: metadata[key] for key in ("finalizers", "annotations") if key in metadata}
    observed = Observed((observation(spec, live, stored(spec, OURS, **marks)),))
    made = plan(replace(given(record("spec.type")), keyring=key), observed)
    return seal(replace(INPUT, keyring=key, **inputs), made, observed)


def only(plan: SealedPlan) -> SealedObject:
    (each,) = plan.objects
    return each


LIVE = stored(SPEC | {"model": "older"}, OURS)


def test_equal_plans_are_equal_and_have_one_id() -> None:
    assert sealed(LIVE) == sealed(LIVE)
    assert sealed(LIVE).id == sealed(LIVE).id
    assert len(sealed(LIVE).id) == 12


STATUS = owner("operator", "status.phase", operation="Update") | {"subresource": "status"}


@pytest.mark.parametrize(
    "written",
    [
        stored(SPEC | {"model": "older"}, OURS, STATUS, resourceVersion="8"),
        stored(SPEC | {"model": "older"}, OURS, resourceVersion="9"),
        stored(
            SPEC | {"model": "older"},
            OURS,
            owner("operator", "metadata.finalizers", operation="Update"),
            finalizers=["omnia.altairalabs.ai/clean"],
        ),
        stored(
            SPEC | {"model": "older"},
            OURS,
            owner(f"{US}-rotation", "metadata.annotations.provider-reconciler/rotated"),
            annotations={"provider-reconciler/rotated": "a"},
        ),
    ],
    ids=["status", "resourceVersion", "finalizer", "stamp"],
)
@pytest.mark.parametrize("key", [None, KEY], ids=["without a key", "with the key"])
def test_what_decides_nothing_moves_nothing(written: Document, key: Keyring | None) -> None:
    assert sealed(written, key=key).id == sealed(LIVE, key=key).id


def edited(**metadata: Any) -> Document:
    """Somebody has written the object."""
    return stored(SPEC | {"model": "other"}, OURS, **metadata)


@pytest.mark.parametrize(
    "moved",
    [
        edited(generation=2),
        edited(uid="22222222-2222-2222-2222-222222222222"),
        None,
        stored(SPEC | {"model": "older"}, owner(US, "spec.type", time="2026-07-30T02:15:00Z")),
        stored(SPEC | {"model": "older"}, OURS, owner("kubectl-edit", "metadata.labels.team")),
        stored(SPEC | {"model": "older"}, OURS, owner("kubectl", "metadata.annotations.a/b")),
        stored(SPEC | {"model": "older"}, OURS, owner("helm", "spec.model")),
    ],
    ids=["generation", "uid", "deleted", "ours again", "label", "annotation", "owner"],
)
def test_a_write_that_decides_moves_it_without_any_key(moved: Document | None) -> None:
    assert sealed(moved).id != sealed(LIVE).id


def test_with_the_key_a_value_moves_it_even_where_no_metadata_does() -> None:
    assert sealed(edited()).id == sealed(LIVE).id, "a server would not let this happen"
    assert only(sealed(edited(), key=KEY)).live != only(sealed(LIVE, key=KEY)).live
    other = sealed(LIVE, spec=SPEC | {"model": "newer"}, key=KEY)
    assert only(other).stored != only(sealed(LIVE, key=KEY)).stored
    assert only(other).content != only(sealed(LIVE, key=KEY)).content


@pytest.mark.parametrize(
    "inputs",
    [
        {"version": "1.2.4"},
        {"revision": Revision("b" * 40)},
        {"revision": Revision("a" * 40, dirty=True)},
        {"environment": environment(policy=Policy(on_drift=OnDrift.REFUSE))},
        {"environment": environment(policy=Policy(manifests=ManifestPolicy(secret_names=("a",))))},
        {"environment": environment(home="elsewhere")},
        {"environment": environment(namespaces=("omnia",))},
        {"cluster": ClusterIdentity("prod-eu", "other")},
        {"crds": {REF.group_kind: Crd.of(load_one(crd_text(CRD.name, "2026-04-19"), "crd"))}},
        {"selected": (REF,)},
    ],
    ids=lambda inputs: next(iter(inputs)),
)
def test_what_decides_for_every_object_moves_it(inputs: Any) -> None:
    assert sealed(LIVE, **inputs).id != sealed(LIVE).id


def test_the_order_in_which_a_policy_is_read_does_not() -> None:
    policy = Policy(fail_on=frozenset(reversed(list(Policy().fail_on))))
    assert sealed(LIVE, environment=environment(policy=policy)) == sealed(LIVE)


def digests(value: Any) -> set[str]:
    """Every word that could be a digest."""
    text = json.dumps(value, default=str)
    return {word for word in text.replace('"', " ").replace(",", " ").split() if len(word) >= 8}


def unkeyed(text: str) -> set[str]:
    """What everybody can compute of a text."""
    encoded = text.encode()
    names = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512", "sha3_256", "blake2b")
    return {hashlib.new(name, encoded).hexdigest() for name in names}


@pytest.mark.parametrize("key", [None, KEY], ids=["without a key", "with the key"])
def test_there_is_no_value_and_nothing_to_guess_one_with(key: Keyring | None) -> None:
    made = sealed(stored(SPEC | {"headers": {"X-Gate": "hunter3"}}, OURS), key=key)
    assert "hunter" not in repr(made)
    assert only(made).fields == ("~ spec.headers.X-Gate",)
    bodies: list[Any] = [SPEC, SPEC["headers"], "hunter2", LIVE.body(), stored(SPEC, OURS).body()]
    bodies += [{"spec": SPEC, "labels": {}, "annotations": {}}, [{"spec": SPEC}]]
    guesses = {digest for body in bodies for digest in unkeyed(canonical(body))}
    for word in digests(asdict(made)):
        assert not any(guess.startswith(word) for guess in guesses)


def test_two_headers_give_one_plan_without_the_key_since_only_the_commit_differs() -> None:
    """Nothing else that a role without the key can write may depend on a value."""
    former, other = (SPEC | {"headers": {"X-Gate": value}} for value in ("hunter8", "hunter9"))
    assert sealed(LIVE, spec=former) == sealed(LIVE, spec=other)
    assert sealed(LIVE, spec=former, key=KEY) != sealed(LIVE, spec=other, key=KEY)


def test_without_the_key_a_plan_needs_a_commit() -> None:
    dirty = Revision("a" * 40, dirty=True)
    assert sealed(LIVE).is_bound
    assert not sealed(LIVE, revision=dirty).is_bound
    assert not sealed(LIVE, revision=Revision()).is_bound
    assert sealed(LIVE, revision=dirty, key=KEY).is_bound


def test_what_is_not_written_has_no_digest_of_live_values() -> None:
    each = only(sealed(stored(SPEC, OURS), key=KEY))
    assert each.content
    assert not each.writes
    assert (each.stored, each.live) == ("", "")


def test_an_object_that_is_deleted_is_bound_to_what_is_live() -> None:
    observed = Observed((), orphans=(Orphan(REF, LIVE),))
    kept = plan(given(), observed).changes[0]
    deletion = Plan(((replace(kept, state=State.REMOVED, action=Action.DELETE),),))
    each = only(seal(replace(INPUT, keyring=KEY), deletion, observed))
    assert each.writes
    assert each.live
    assert each.stored == ""


def test_a_kept_object_is_in_the_plan() -> None:
    observed = Observed((), orphans=(Orphan(REF, LIVE),))
    (each,) = seal(INPUT, plan(given(), observed), observed).objects
    assert (each.ref, each.uid, each.writes) == (REF, LIVE.body()["metadata"]["uid"], False)


@pytest.mark.parametrize("entries", [None, [], [None], [{"fieldsV1": []}], "x" * 3, [{}]])
def test_what_others_wrote_into_managed_fields_breaks_nothing(entries: Any) -> None:
    assert writers({"metadata": {"managedFields": entries}}) == ()


def test_the_last_writer_is_the_first() -> None:
    late = owner("kubectl-edit", "spec.model", operation="Update", time="2026-08-01T00:00:00Z")
    first, second = writers(stored(SPEC, OURS, late, STATUS).body())
    assert (str(first), str(second)) == ("kubectl-edit (Update)", f"{US} (Apply)")


def test_every_managed_kind_has_a_status_of_its_own() -> None:
    """Otherwise a write to the status would be one to the object, with a new generation."""
    for kind in KINDS.values():
        crd = Crd.of(load_one(crd_text(kind.endpoint.crd_name), "crd"))
        version = crd.version(kind.endpoint.version)
        assert version is not None
        assert version.status_subresource
