"""A plan file keeps its published schema, comes back as it was written, and no other one is taken."""

from __future__ import annotations

import json
from collections import Counter
from copy import deepcopy
from dataclasses import replace
from importlib.resources import files
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from reconciler.errors import UsageError
from reconciler.model.change import Action, State
from reconciler.model.identity import ObjectRef
from reconciler.model.sealed import SealedObject, SealedPlan, SealedSchema
from reconciler.report import Style
from reconciler.reports._plan import LARGEST_PLAN, plan_from_json, plan_json, plan_text
from tests.reports.test_json import closed, enums, objects, paths

SCHEMA: Any = json.loads((files("reconciler.reports") / "plan.schema.json").read_text())
WRITTEN = Draft202012Validator(closed(SCHEMA))
UID = "11111111-1111-1111-1111-111111111111"
GROUP = "omnia.altairalabs.ai"


def sealed(name: str, state: State, action: Action, **attributes: Any) -> SealedObject:
    return SealedObject(ObjectRef(GROUP, "Provider", "omnia", name), state, action, **attributes)


PLAN = SealedPlan(
    version="0.1.0",
    commit="803b5d3" + "0" * 33,
    dirty=False,
    environment="prod",
    cluster="prod-eu",
    cluster_uid=UID,
    settings="0123456789abcdef",
    schemas=(SealedSchema(f"providers.{GROUP}", "v1alpha1", "0123456789abcdef"),),
    objects=(
        sealed("new", State.NEW, Action.CREATE, fields=("+ spec.model", "+ spec.type")),
        sealed(
            "moved",
            State.DRIFTED,
            Action.UPDATE,
            fields=("~ spec.model",),
            force=True,
            remove=("spec.headers[X-Other]",),
            uid=UID,
            generation=3,
            writers="0123456789abcdef",
        ),
        sealed("theirs", State.FOREIGN, Action.REFUSE, uid=UID, generation=1),
        sealed("gone", State.REMOVED, Action.DELETE, uid=UID, generation=1),
        sealed("same", State.UNCHANGED, Action.NONE, uid=UID, generation=1),
    ),
)
TEXT = f"""\
plan {PLAN.id}  of prod  git 803b5d3  cluster prod-eu

NEW         Provider omnia/new  (2 fields)

DRIFT       Provider omnia/moved
  ~ spec.model
  - spec.headers[X-Other], which others added
  apply takes it from the owner of its fields

FOREIGN     Provider omnia/theirs
  apply refuses it

REMOVED     Provider omnia/gone

prod: 3 objects change
  5 objects: 1 new, 1 unchanged, 1 drifted, 1 foreign, 1 removed
  bound by its commit and what is live
  next: reconciler apply --plan 'a plan.json'
"""


def test_the_file_keeps_its_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    WRITTEN.validate(json.loads(plan_json(PLAN)))
    for each in objects(SCHEMA):
        assert set(each["required"]) <= set(each["properties"])
        assert all(value.get("description") for value in each["properties"].values())
    for words in (State, Action):
        assert [word.value for word in words] in enums(SCHEMA)


def test_it_comes_back() -> None:
    assert plan_from_json(plan_json(PLAN)) == PLAN
    assert plan_json(plan_from_json(plan_json(PLAN))) == plan_json(PLAN)


def test_people_read_what_it_does() -> None:
    assert plan_text(PLAN, Style(), "a plan.json") == TEXT
    verbose = plan_text(PLAN, Style(verbose=True), "plan.json")
    assert "UNCHANGED   Provider omnia/same\n" in verbose
    assert "NEW         Provider omnia/new\n  + spec.model\n  + spec.type\n" in verbose


@pytest.mark.parametrize(
    ("plan", "line"),
    [
        (replace(PLAN, objects=PLAN.objects[4:]), "prod: nothing to change\n"),
        (replace(PLAN, objects=()), "  no objects\n"),
        (replace(PLAN, only=("a",)), "  of the objects that --only names\n"),
        (replace(PLAN, key_id="5cd705ec"), "  bound by its commit, what is live, and keyed"),
        (replace(PLAN, commit="", key_id="5cd705ec"), "  of prod  no git  "),
        (replace(PLAN, dirty=True, key_id="5cd705ec"), "git 803b5d3+dirty"),
    ],
)
def test_and_what_it_is_bound_to(plan: SealedPlan, line: str) -> None:
    assert line in plan_text(plan, Style(), "plan.json")


def test_whatever_somebody_changes_in_it_is_refused_and_not_quoted() -> None:
    good = json.loads(plan_json(PLAN))
    canary = "sk-ant-api03-0123456789abcdef"
    outcomes: Counter[str] = Counter()
    for path in paths(good)[1:]:
        for other in (None, True, 1.5, 7, canary, [canary], {canary: canary}, "0" * 16):
            body = deepcopy(good)
            parent: Any = body
            for step in path[:-1]:
                parent = parent[step]
            if parent[path[-1]] == other and type(parent[path[-1]]) is type(other):
                continue
            parent[path[-1]] = other
            with pytest.raises(UsageError) as caught:
                plan_from_json(json.dumps(body))
            assert "0123456789abcdef" not in caught.value.message
            outcomes["changed" if "changed after" in caught.value.message else "no plan"] += 1
    assert min(outcomes.values()) > 50, outcomes


@pytest.mark.parametrize(
    "forged",
    [
        {"commit": "sk-ant-api03-x"},
        {"cluster_uid": "sk-ant-api03-x"},
        {"version": "Bearer x"},
        {"environment": "sk_x"},
        {"settings": "Zz"},
        {"key_id": "Zz"},
        {"schemas": (SealedSchema("a", "v1", "sk-ant"),)},
        {"objects": (sealed("a", State.NEW, Action.CREATE, uid="sk-ant-api03-x"),)},
        {"objects": (sealed("a", State.NEW, Action.CREATE, live="sk-ant-api03-x"),)},
    ],
    ids=lambda forged: next(iter(forged)),
)
def test_what_no_mask_covers_has_its_form_even_where_the_id_fits(forged: Any) -> None:
    with pytest.raises(UsageError, match="has another form"):
        plan_from_json(plan_json(replace(PLAN, **forged)))


def test_every_truncated_file_is_refused() -> None:
    text = plan_json(PLAN)
    for end in range(0, len(text) - 2, 7):
        with pytest.raises(UsageError):
            plan_from_json(text[:end])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not JSON, or not all of it"),
        ("NaN", "not JSON"),
        pytest.param("[" * 100_000, "not JSON", marks=pytest.mark.exhausts_stack),
        ("[]", "it has no objects"),
        ('{"schemaVersion": "1", "environments": []}', "it has no objects"),
        ('{"schemaVersion": "2", "objects": []}', "another format 2, and this version reads"),
        ('{"schemaVersion": "sk-ant-api03", "objects": []}', "another format, and this version"),
        ('{"schemaVersion": "1", "objects": []}', "plan has no "),
        (" " * (LARGEST_PLAN + 1), "larger than 32 MiB"),
    ],
    ids=lambda text: text[:40].replace(" ", "_"),
)
def test_what_is_no_plan(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        plan_from_json(text)


def test_a_state_of_a_later_version_is_named() -> None:
    body = json.loads(plan_json(PLAN))
    body["objects"][0]["state"] = "on-hold"
    with pytest.raises(UsageError, match="is not a known State, but on-hold"):
        plan_from_json(json.dumps(body))
