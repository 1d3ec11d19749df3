"""Which cluster this is, its schemas, and the key that makes fingerprints."""

from __future__ import annotations

from pathlib import Path

import pytest

from reconciler.errors import BadAnswer, ExitCode, RefusalReason, Refused, SafetyStop, Unreachable
from reconciler.kinds import KINDS
from reconciler.model.document import Document
from reconciler.model.identity import SECRET
from reconciler.model.refused_secrets import OWN_KEY
from reconciler.stages.observe.cluster import (
    FoundKey,
    checked_uid,
    find_keyring,
    live_schemas,
    make_keyring,
)
from tests.fakes import Fault, FaultyCluster
from tests.stages.live import HOME, PROVIDER, crds, environment, opened

FORBIDDEN = Refused(RefusalReason.FORBIDDEN, "you may not")
FAILED = Refused(RefusalReason.FAILED, "the server failed")


class TestUid:
    """A pin is met, or nothing goes on."""

    @pytest.mark.parametrize(("pinned", "uid"), [("", ""), ("", "mine"), ("mine", "mine")])
    def test_the_uid_is_told(self, tmp_path: Path, pinned: str, uid: str) -> None:
        cluster = FaultyCluster(opened(tmp_path), uid=uid)
        assert checked_uid(environment(uid=pinned), cluster) == uid

    @pytest.mark.parametrize(
        ("uid", "words"), [("", "cannot tell"), ("other", "has uid other, not mine")]
    )
    def test_another_cluster_or_an_unknown_one_is_a_stop(
        self, tmp_path: Path, uid: str, words: str
    ) -> None:
        cluster = FaultyCluster(opened(tmp_path), uid=uid)
        with pytest.raises(SafetyStop) as caught:
            checked_uid(environment(uid="mine"), cluster)
        assert words in caught.value.message
        assert caught.value.exit_code is ExitCode.SAFETY
        assert caught.value.where == "environments/prod/environment.yaml"
        assert caught.value.hint


class TestSchemas:
    """The cluster's own CRDs, and what stands in for one that may not be read."""

    def test_each_kind_is_asked_for_once_and_unknown_ones_never(self, tmp_path: Path) -> None:
        cluster = FaultyCluster(opened(tmp_path, without="Model"))
        crds, unread = live_schemas([*KINDS, *KINDS, SECRET.group_kind], KINDS, {}, cluster)
        assert sorted(kind.kind for kind in crds) == ["ModelProvider", "Provider"]
        assert unread == ()
        assert sorted(call.kind for call in cluster.calls) == ["Model", "ModelProvider", "Provider"]

    def test_the_pinned_one_stands_in_where_reading_is_forbidden(self, tmp_path: Path) -> None:
        inner = opened(tmp_path)
        pinned = crds(inner)
        cluster = FaultyCluster(inner, Fault(FORBIDDEN, "crd", kind="Provider"))
        schemas, unread = live_schemas(KINDS, KINDS, pinned, cluster)
        assert schemas[PROVIDER.group_kind] is pinned[PROVIDER.group_kind]
        (unchecked,) = unread
        assert (unchecked.subject, unchecked.name) == ("CRD", PROVIDER.crd_name)
        assert unchecked.hint == f"allow get on customresourcedefinitions {PROVIDER.crd_name}"

    def test_without_a_pin_there_is_none(self, tmp_path: Path) -> None:
        cluster = FaultyCluster(opened(tmp_path), Fault(FORBIDDEN, "crd"))
        crds, unread = live_schemas(KINDS, KINDS, {}, cluster)
        assert crds == {}
        assert len(unread) == len(KINDS)

    @pytest.mark.parametrize("error", [FAILED, Unreachable("no answer")])
    def test_any_other_failure_stops_the_environment(
        self, tmp_path: Path, error: Exception
    ) -> None:
        with pytest.raises(type(error)):
            live_schemas(KINDS, KINDS, {}, FaultyCluster(opened(tmp_path), Fault(error, "crd")))

    @pytest.mark.parametrize("error", [FAILED, FORBIDDEN, BadAnswer("no schema")])
    def test_one_of_a_kind_that_git_does_not_have_is_not_checked(
        self, tmp_path: Path, error: Exception
    ) -> None:
        cluster = FaultyCluster(opened(tmp_path), Fault(error, "crd", kind="Provider"))
        others = [kind for kind in KINDS if kind != PROVIDER.group_kind]
        live, (unchecked,) = live_schemas(others, KINDS, {}, cluster, elsewhere=KINDS)
        assert sorted(live) == sorted(others)
        assert (unchecked.subject, unchecked.name) == ("CRD", PROVIDER.crd_name)
        assert unchecked.elsewhere


class TestKeyring:
    """Made by the first apply, never by a look, and never anew where fingerprints are on record without a word."""

    def test_an_apply_makes_it_once(self, tmp_path: Path) -> None:
        cluster = FaultyCluster(opened(tmp_path))
        assert find_keyring(environment(), cluster, needed=True, recorded=False).missing
        draft = cluster.draft_keyring()
        first = make_keyring(environment(), cluster, needed=True)
        again = find_keyring(environment(), cluster, needed=True, recorded=True)
        assert first == FoundKey(draft)
        assert first.notes == ()
        assert first.keyring is not None
        assert again.keyring is not None
        assert first.keyring.key_id == again.keyring.key_id
        assert len(cluster.of("create-keyring")) == 1

    @pytest.mark.parametrize(
        ("needed", "recorded", "words"),
        [
            (False, False, ""),
            (True, False, "the first apply creates"),
            (False, True, "is missing; restore it"),
            (True, True, "is missing; restore it"),
        ],
    )
    def test_a_look_makes_none_and_says_what_is_missing(
        self, tmp_path: Path, needed: bool, recorded: bool, words: str
    ) -> None:
        cluster = FaultyCluster(opened(tmp_path))
        key = find_keyring(environment(), cluster, needed=needed, recorded=recorded)
        assert (key.keyring, key.missing, key.unchecked) == (None, True, ())
        assert cluster.writes == []
        assert (words in " ".join(key.notes), bool(key.notes)) == (True, bool(words))

    @pytest.mark.parametrize(
        ("verb", "allow"),
        [
            ("keyring", f"allow get on secrets {OWN_KEY} in {HOME}"),
            ("create-keyring", f"allow create on secrets in {HOME}"),
        ],
    )
    @pytest.mark.parametrize("needed", [True, False])
    def test_without_permission_it_is_not_checked_and_the_run_goes_on(
        self, tmp_path: Path, verb: str, allow: str, needed: bool
    ) -> None:
        cluster = FaultyCluster(opened(tmp_path), Fault(FORBIDDEN, verb))
        key = find_keyring(environment(), cluster, needed=needed, recorded=False)
        if verb == "create-keyring":
            key = make_keyring(environment(), cluster, needed=needed)
        assert (key.keyring, key.notes) == (None, ())
        unchecked = [
            (each.subject, each.reason, each.hint.startswith(allow)) for each in key.unchecked
        ]
        assert unchecked == ([("fingerprint key", "no permission", True)] if needed else [])

    def test_a_secret_that_is_no_key_is_told_and_never_replaced(self, tmp_path: Path) -> None:
        cluster = FaultyCluster(opened(tmp_path))
        metadata = {"name": OWN_KEY, "namespace": HOME}
        body = {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": {"key": "YQ=="}}
        cluster.inner.create(SECRET, Document.of(body))
        key = find_keyring(environment(), cluster, needed=True, recorded=True)
        assert key.keyring is None
        assert key.notes
        assert cluster.writes == []
        assert not find_keyring(environment(), cluster, needed=False, recorded=True).hidden

    def test_one_that_may_not_be_read_is_hidden_from_a_run_without_need(
        self, tmp_path: Path
    ) -> None:
        cluster = FaultyCluster(opened(tmp_path), Fault(FORBIDDEN, "keyring"))
        assert find_keyring(environment(), cluster, needed=False, recorded=True).hidden

    def test_a_cluster_that_cannot_be_asked_stops_the_environment(self, tmp_path: Path) -> None:
        cluster = FaultyCluster(opened(tmp_path), Fault(Unreachable("no answer"), "keyring"))
        with pytest.raises(Unreachable):
            find_keyring(environment(), cluster, needed=True, recorded=False)
