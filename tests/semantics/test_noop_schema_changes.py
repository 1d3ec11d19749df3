"""The no-op proof after the schema of a CRD changed: live objects, and our managedFields, are those of the old one.

The objects are made under the old schema. Under the new one, the server must confirm each proof about them.
"""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Callable
from typing import Any

from reconciler.model.document import JsonObject
from reconciler.semantics.schema.crd import Crd
from tests.controlplane import crds
from tests.controlplane.plane import ControlPlane
from tests.semantics.histories import NAMES, Step, apply_of, patch_of
from tests.semantics.noop_judge import US, Judge
from tests.semantics.sources import SINK
from tests.semantics.twin import Twin

Properties = dict[str, Any]
# What every object has.
COMMON: JsonObject = {"mode": "plain", "port": "http", "groups": {"g": {"size": 1, "tags": ["a"]}}}

# What an object has, and what is done to the schema of its spec.
CHANGES: dict[str, tuple[JsonObject, Callable[[Properties], object]]] = {
    "a string becomes a number": (
        {"text": "abc"},
        lambda spec: spec.update(text={"type": "integer"}),
    ),
    "a number becomes a string": (
        {"count": 4},
        lambda spec: spec.update(count={"type": "string"}),
    ),
    "a number becomes whole": (
        {"ratio": 0.5},
        lambda spec: spec.update(ratio={"type": "integer"}),
    ),
    "a boolean becomes a string": (
        {"flag": True},
        lambda spec: spec.update(flag={"type": "string"}),
    ),
    "a string becomes a mapping": (
        {"text": "abc"},
        lambda spec: spec.update(text={"type": "object", "additionalProperties": True}),
    ),
    "a mapping becomes a list": (
        {"labels": {"a": "1"}},
        lambda spec: spec.update(labels={"type": "array", "items": {"type": "string"}}),
    ),
    "a field goes": ({"text": "abc"}, lambda spec: spec.pop("text")),
    "the fields of a mapping go": (
        {"settings": {"name": "a"}},
        lambda spec: spec.update(settings={"type": "object"}),
    ),
    "a field gets a default": ({}, lambda spec: spec["text"].update(default="abc")),
    "another default": ({}, lambda spec: spec["mode"].update(default="closed")),
    "another default in a mapping": (
        {"settings": {}},
        lambda spec: spec["settings"]["properties"]["level"].update(default=2),
    ),
    "a default in an atomic mapping": (
        {"ref": {"name": "n"}},
        lambda spec: spec["ref"]["properties"]["key"].update(default="k"),
    ),
    "a default in the items of a list": (
        {"parts": [{"name": "x"}]},
        lambda spec: spec["parts"]["items"]["properties"]["value"].update(default="a"),
    ),
    "a default goes": ({"settings": {}}, lambda spec: spec["mode"].pop("default")),
    "a mapping becomes atomic": (
        {"labels": {"a": "1"}},
        lambda spec: spec["labels"].update({"x-kubernetes-map-type": "atomic"}),
    ),
    "an atomic mapping becomes granular": (
        {"ref": {"name": "n", "key": "k"}},
        lambda spec: spec["ref"].pop("x-kubernetes-map-type"),
    ),
    "an atomic list becomes a set": (
        {"words": ["a", "b"]},
        lambda spec: spec["words"].update({"x-kubernetes-list-type": "set"}),
    ),
    "a set becomes an atomic list": (
        {"unique": ["a", "b"]},
        lambda spec: spec["unique"].pop("x-kubernetes-list-type"),
    ),
    "a map list becomes atomic": (
        {"parts": [{"name": "x", "value": "a"}]},
        lambda spec: _atomic(spec["parts"]),
    ),
    "a map list gets another key": (
        {"ports": [{"number": 1, "name": "a"}]},
        lambda spec: spec["ports"].update({"x-kubernetes-list-map-keys": ["number"]}),
    ),
    "what was typed is open": (
        {"settings": {"name": "a"}},
        lambda spec: spec.update(settings=_OPEN),
    ),
    "what was open is typed": (
        {"free": {"a": 1, "b": [1]}},
        lambda spec: spec.update(free={"type": "object", "properties": {"a": {"type": "string"}}}),
    ),
    "fewer values": ({"mode": "deep", "text": "abc"}, lambda spec: spec["mode"]["enum"].pop()),
    "a shorter text": ({"text": "abc"}, lambda spec: spec["text"].update(maxLength=2)),
    "a null is allowed": ({"text": "abc"}, lambda spec: spec["text"].update(nullable=True)),
    "a null is not allowed": ({"maybe": None}, lambda spec: spec["maybe"].pop("nullable")),
    "nothing that the object has": (
        {"text": "abc"},
        lambda spec: spec.update(more={"type": "string"}),
    ),
}
_OPEN = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}


def _atomic(schema: Properties) -> None:
    schema.pop("x-kubernetes-list-type")
    schema.pop("x-kubernetes-list-map-keys")


# What others did to the object under the old schema.
OTHERS: dict[str, tuple[Step, ...]] = {
    "nobody": (),
    "an editor adds": (patch_of({"spec": {"kindOf": "x", "labels": {"z": "9"}}}, "edit", "patch"),),
    "an editor takes": (patch_of({"spec": {"port": "other"}}, "edit", "patch"),),
    "an applier shares": (
        apply_of({"port": "http", "groups": {"g": {"size": 1}}}, {}, "bob", force=False),
    ),
}


def test_the_server_confirms_every_proof_under_a_changed_schema(
    control_plane: ControlPlane, namespace: str
) -> None:
    old = {name: _old(f"schema{number}.noop.test") for number, name in enumerate(CHANGES)}
    crds.install(control_plane.request, old.values())
    worlds = [
        (name, _world(Twin(control_plane, Crd.of(old[name]), namespace, next(NAMES)), spec, others))
        for name, (spec, _) in CHANGES.items()
        for others in OTHERS.values()
    ]
    new = {name: _changed(old[name], change) for name, (_, change) in CHANGES.items()}
    crds.install(control_plane.request, new.values())
    counts: dict[str, Counter[str]] = {name: Counter() for name in CHANGES}
    wrong: list[str] = []
    for name, judge in worlds:
        try:
            counts[name].update(judge.judge(Crd.of(new[name])))
        except AssertionError as error:
            wrong.append(f"{name}: {error}")
    print({name: dict(each) for name, each in counts.items()})
    assert not wrong, "\n\n".join(wrong)
    assert sum(each["judged"] for each in counts.values()) >= 5000
    assert sum(each["proved"] for each in counts.values()) >= 100


def _old(group: str) -> JsonObject:
    """The CRD before its change; without rules, which would not compile after some changes."""
    crd = crds.regrouped(crds.load(SINK), group)
    del _spec(crd)["x-kubernetes-validations"]
    return crd


def _changed(crd: JsonObject, change: Callable[[Properties], object]) -> JsonObject:
    changed = copy.deepcopy(crd)
    change(_spec(changed)["properties"])
    return changed


def _spec(crd: JsonObject) -> JsonObject:
    (version,) = crd["spec"]["versions"]
    schema: JsonObject = version["schema"]["openAPIV3Schema"]["properties"]["spec"]
    return schema


def _world(twin: Twin, spec: JsonObject, others: tuple[Step, ...]) -> Judge:
    """An object that we have applied under the old schema, and others have edited since."""
    judge = Judge(twin)
    for step in (apply_of(COMMON | spec, {"labels": {"a": "1"}}, US, force=False), *others):
        answer = judge.send(step.request(twin))
        assert answer.reason is None, answer
    return judge
