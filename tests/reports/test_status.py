"""What `status` prints about a record."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib.resources import files

from jsonschema import Draft202012Validator

from reconciler.errors import ExitCode
from reconciler.model.identity import ObjectRef
from reconciler.model.record import RecordedReference, SecretKey
from reconciler.model.record.rotations import (
    Acknowledgement,
    Closing,
    Moment,
    Opening,
    RecordedRotation,
)
from reconciler.model.run import ClusterIdentity, RunError
from reconciler.model.secret import SecretState
from reconciler.model.status import EnvironmentStatus, LockStatus, SecretStatus
from reconciler.report import Style
from reconciler.reports._status import status_json, status_text

REF = ObjectRef("omnia.altairalabs.ai", "Provider", "omnia", "claude")
USED = RecordedReference(REF, "spec.credential.secretRef", SecretState.OK, "2026-07-01T00:00:00Z")
OPENED = Opening("2026-07-30T03:00:00Z", "b" * 40, "2026-07-30T04:00:00Z")
ENDED = Closing("2026-07-24T05:00:00Z", "picked-up", "c" * 40)
WEEKLY = RecordedRotation("hs1:k:1", replace(OPENED, time="2026-07-24T03:00:00Z"), ENDED)
BY_HAND = Closing("2026-07-25T05:00:00Z", "acknowledged", "c" * 40, "restarted\x1b[1m by hand")
OPEN = RecordedRotation(
    "hs1:k:2", replace(OPENED, gap="missing-secret", gap_since="2026-07-29T00:00:00Z")
)
OTHER_KEY = RecordedRotation("", replace(OPENED, key_before="api-key"))
STATUS = EnvironmentStatus(
    "prod",
    cluster=ClusterIdentity("prod-eu"),
    applied=Moment("2026-07-28T10:00:00Z", "a" * 40),
    watched=Moment("2026-07-30T04:00:00Z", "b" * 40),
    objects=18,
    secrets=(
        SecretStatus(
            SecretKey("omnia", "claude", "KEY"),
            (USED,),
            (WEEKLY, replace(WEEKLY, closed=BY_HAND), OPEN),
        ),
        SecretStatus(
            SecretKey("omnia", "weekly", "KEY"),
            (USED,),
            (WEEKLY,),
            Acknowledgement("2026-08-24T23:59:59Z", "weekly", "2026-07-24T00:00:00Z"),
        ),
        SecretStatus(SecretKey("omnia", "shadowed", "KEY"), (), (OTHER_KEY,)),
    ),
)
NOW = Style(now="2026-07-30T05:00:00Z")

TEXT = """\
prod  applied aaaaaaa, 1 d ago  watched 1 h ago or more recently (noted once a day)  cluster prod-eu

OPEN        Secret omnia/claude [KEY]   2 h ago
  another value, noticed 1 h ago by a run of bbbbbbb
  after a gap: missing-secret, noticed 1 d ago
  needed by Provider omnia/claude (spec.credential.secretRef)
  accept   reconciler acknowledge prod omnia/claude --reason TEXT

OPEN        Secret omnia/shadowed [KEY]   2 h ago
  its consumers read api-key before, noticed 1 h ago by a run of bbbbbbb
  accept   reconciler acknowledge prod omnia/shadowed --reason TEXT

CLOSED      Secret omnia/claude [KEY]   6 d ago; acknowledged 5 d ago by a run of ccccccc: restarted\\u001b[1m by hand
CLOSED      Secret omnia/weekly [KEY]   6 d ago; picked up 6 d ago by a run of ccccccc
AHEAD       Secret omnia/weekly [KEY]   acknowledged until 2026-08-24 23:59 UTC: weekly

prod: 2 open rotations; 18 objects and 3 Secret keys on record
"""


def test_the_text_has_what_is_open_and_how_the_last_one_was_closed() -> None:
    assert status_text([STATUS], NOW) == TEXT


def test_verbose_shows_every_closed_rotation() -> None:
    text = status_text([STATUS], replace(NOW, verbose=True))
    assert text.count("CLOSED") == 3


def test_an_acknowledgement_that_has_ended_is_history() -> None:
    later = replace(NOW, now="2026-09-01T00:00:00Z")
    assert "AHEAD" not in status_text([STATUS], later)
    assert "AHEAD" in status_text([STATUS], replace(later, verbose=True))


def test_what_is_not_known_is_not_in_order() -> None:
    stopped = RunError("no answer", hint="look", exit_code=ExitCode.CLUSTER)
    text = status_text(
        [
            EnvironmentStatus("down", ExitCode.CLUSTER, error=stopped),
            EnvironmentStatus("damaged", ExitCode.CLUSTER, notes=("it cannot be read",)),
            EnvironmentStatus("new", cluster=ClusterIdentity("prod-eu"), recorded=False),
        ],
        NOW,
    )
    assert text.splitlines()[5:] == [
        *("down", "", "STOPPED     no answer", "  fix      look", "", "down: unknown", ""),
        *("damaged", "", "not known: it cannot be read", "damaged: unknown"),
    ]
    only = status_text(
        [EnvironmentStatus("new", cluster=ClusterIdentity("prod-eu"), recorded=False)], NOW
    )
    assert only.splitlines() == [
        *("new  cluster prod-eu", ""),
        "new: no record: never applied, or the record was removed (reconciler drift new tells which)",
    ]


FINE = replace(STATUS, name="staging", secrets=STATUS.secrets[1:2], objects=1204)
TABLE = """\
ENVIRONMENT  APPLIED  COMMIT   WATCHED  OPEN  OBJECTS  CLUSTER
prod         1 d ago  aaaaaaa  1 h ago  2     18       prod-eu
staging      1 d ago  aaaaaaa  1 h ago  -     1,204    prod-eu
new          never    -        never    -     0        prod-eu
down         unknown  -        -        -     -        -
"""


def test_several_environments_are_a_table_and_the_open_ones_follow() -> None:
    new = EnvironmentStatus("new", cluster=ClusterIdentity("prod-eu"), recorded=False)
    stopped = RunError("no answer", exit_code=ExitCode.CLUSTER)
    down = EnvironmentStatus("down", ExitCode.CLUSTER, error=stopped)
    text = status_text([STATUS, FINE, new, down], NOW)
    assert text.startswith(TABLE + "\n" + TEXT)
    assert text.removeprefix(TABLE + "\n" + TEXT).startswith("\ndown\n")
    assert "staging:" not in text
    assert "staging:" in status_text([STATUS, FINE], replace(NOW, verbose=True))
    assert status_text([FINE, replace(FINE, name="b")], NOW).count("\n") == 3


def test_a_key_that_the_last_run_did_not_find_is_named() -> None:
    missing = replace(USED, state=SecretState.MISSING_KEY, since="2026-07-30T03:00:00Z")
    json_only = replace(missing, path="spec.other", state=SecretState.MALFORMED)
    optional = replace(missing, optional=True)
    hidden = replace(missing, state=SecretState.FORBIDDEN)

    def status(*references: RecordedReference) -> EnvironmentStatus:
        secret = SecretStatus(SecretKey("omnia", "claude", "KEY"), (USED, *references))
        return replace(STATUS, secrets=(secret,))

    lines = status_text([status(missing, json_only)], NOW).splitlines()
    assert lines[2:] == [
        "NO KEY      Secret omnia/claude [KEY]   since 2 h ago",
        "  needed by Provider omnia/claude (spec.credential.secretRef)",
        "",
        "MALFORMED   Secret omnia/claude [KEY]   since 2 h ago",
        "  needed by Provider omnia/claude (spec.other)",
        "",
        "prod: no open rotation; 1 Secret key missing or unusable; 18 objects and 1 Secret key on record",
    ]
    assert "NO KEY" in status_text([status(missing), FINE], NOW), "it follows the table"
    assert "missing" not in status_text([status(optional, hidden)], NOW)


def test_who_holds_the_lock() -> None:
    lock = LockStatus("runner\n7/1", "2026-07-30T04:58:00.000000Z", "2026-07-30T04:59:50.000000Z")
    locked = replace(FINE, lock=lock)
    (first, *_) = status_text([locked], NOW).splitlines()
    assert "  locked by runner\\n7/1 2 min ago  " in first
    assert "staging: " in status_text([STATUS, locked], NOW), "it follows the table"
    late = replace(locked, lock=replace(lock, expired=True))
    assert "ago, not renewed in time: the next apply takes it" in status_text([late], NOW)
    unread = replace(FINE, lock=LockStatus(unread="no permission"))
    assert "lock" not in status_text([unread], NOW)
    verbose = status_text([unread], replace(NOW, verbose=True))
    assert "lock not checked: no permission" in verbose


def test_a_name_cannot_break_the_table() -> None:
    text = status_text([replace(FINE, name="a\nb\x1b[31m"), FINE], NOW)
    assert len(text.splitlines()) == 3
    assert "\x1b" not in text


def test_the_json_keeps_its_schema() -> None:
    schema = json.loads((files("reconciler.reports") / "status.schema.json").read_text())
    Draft202012Validator.check_schema(schema)
    body = json.loads(
        status_json([replace(STATUS, lock=LockStatus("a")), EnvironmentStatus("new")])
    )
    Draft202012Validator(schema).validate(body)
    assert body["environments"][0]["secrets"][0]["rotations"][2]["closed"] is None
    assert "unknown" not in json.dumps(body)


def test_what_others_changed_is_open_too() -> None:
    changed = replace(STATUS, secrets=(), changed_by_others=2)
    says = "prod: no open rotation; 2 objects changed by others (reconciler history prod); 18 objects and"
    assert says in status_text([changed], NOW)
    several = status_text([changed, replace(changed, name="dev", changed_by_others=0)], NOW)
    assert says in several
    assert "dev: " not in several, "the table says all of it"
    assert json.loads(status_json([changed]))["environments"][0]["changedByOthers"] == 2
