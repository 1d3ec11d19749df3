"""The facts of a CRD: what of a CRD file stays, in which form, and what the command refuses."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
import yaml

from reconciler.crds import catalogue
from reconciler.crds.facts import facts, main
from reconciler.model.document import Json
from reconciler.semantics.schema.crd import Crd
from reconciler.text.yaml import load_one

MAX_SIZE = 250_000  # bytes, of all files together
ORIGIN = "acme/shop crds/shops.yaml at 0123abcd, 2026-07-30, MIT"
_FILES = sorted(
    f"{folder.name}/{file.name}"
    for folder in resources.files("reconciler.crds").iterdir()
    if folder.is_dir()
    for file in folder.iterdir()
    if file.name.endswith(".yaml")
)
_TEXT = {"type": "string", "description": "A text."}
_SPEC: dict[str, Any] = {
    "type": "object",
    "description": "A shop.",
    "title": "Shop",
    "example": {"name": "a"},
    "externalDocs": {"url": "https://shop.example.com"},
    "required": ["owner", "name", "doors"],
    "x-kubernetes-validations": [
        {
            "rule": "has(self.name)",
            "message": "A shop has a name.",
            "messageExpression": "'a shop has a name'",
            "reason": "FieldValueForbidden",
            "fieldPath": ".name",
        }
    ],
    "anyOf": [{"required": ["name"], "description": "A name."}, {"required": ["owner"]}],
    "properties": {
        "name": {**_TEXT, "pattern": "^[a-z \U0001f600]+\\d$"},
        "owner": {
            "type": "object",
            "properties": {"description": _TEXT, "message": _TEXT},
            "default": {"description": "nobody", "message": "none"},
        },
        "doors": {
            "type": "array",
            "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": ["number"],
            "items": {
                "type": "object",
                "required": ["number", "colour"],
                "properties": {
                    "number": {"type": "integer"},
                    "colour": {**_TEXT, "enum": ["red", "blue"]},
                    "key": {"type": "object", "properties": {"secret": _TEXT, "lock": _TEXT}},
                },
            },
        },
        "labels": {
            "type": "object",
            "additionalProperties": {"type": "object", "properties": {"a": _TEXT, "b": _TEXT}},
        },
    },
}


def _crd(spec: dict[str, Any]) -> dict[str, Any]:
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "shops.example.com", "annotations": {"made-by": "a generator"}},
        "spec": {
            "group": "example.com",
            "names": {"kind": "Shop", "plural": "shops", "shortNames": ["sh"]},
            "scope": "Namespaced",
            "versions": [
                {
                    "name": "v1",
                    "served": True,
                    "storage": True,
                    "deprecationWarning": "Use v2.",
                    "additionalPrinterColumns": [{"name": "Age", "jsonPath": ".a", "type": "date"}],
                    "subresources": {"status": {}},
                    "schema": {"openAPIV3Schema": {"type": "object", "properties": {"spec": spec}}},
                }
            ],
        },
        "status": {"acceptedNames": {"kind": "Shop"}},
    }


_SHOPS = yaml.safe_dump(_crd(_SPEC))


def _facts(*keep: str) -> dict[str, Any]:
    """The CRD that the facts hold."""
    body: dict[str, Any] = load_one(facts(_SHOPS, origin=ORIGIN, keep=keep), "")
    return body


def _spec(*keep: str) -> dict[str, Any]:
    (version,) = _facts(*keep)["spec"]["versions"]
    schema: dict[str, Any] = version["schema"]["openAPIV3Schema"]["properties"]["spec"]
    return schema


def _texts(value: Json) -> Iterator[tuple[str, str]]:
    """Every key with a text as its value. Below `properties` a key is the name of a field, and its value a mapping."""
    if isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, dict):
        for key, held in value.items():
            if isinstance(held, str):
                yield key, held
            else:
                yield from _texts(held)


@pytest.mark.parametrize("path", _FILES)
def test_a_file_of_the_tree_holds_no_sentence(path: str) -> None:
    keys = {key for key, _ in _texts(json.loads(catalogue.text(path).partition("\n")[2]))}
    assert keys <= {
        *("apiVersion", "kind", "name", "group", "scope"),
        *("listKind", "plural", "singular"),
        *("type", "format", "pattern", "default", "rule"),
        *("x-kubernetes-list-type", "x-kubernetes-map-type"),
    }


@pytest.mark.parametrize("path", _FILES)
def test_a_file_of_the_tree_is_what_the_command_prints(
    path: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = Path(str(resources.files("reconciler.crds"))) / path
    assert main([str(file)]) == 0
    assert capsys.readouterr().out == file.read_text(encoding="utf-8")


def test_the_files_of_the_tree_are_small() -> None:
    assert sum(len(catalogue.text(path).encode()) for path in _FILES) < MAX_SIZE


@pytest.mark.parametrize("name", catalogue.names())
def test_a_file_means_the_same_as_json_and_as_yaml(name: str) -> None:
    for era, (_, loaded) in zip(catalogue.eras(name), catalogue.history(name), strict=True):
        as_yaml = Crd.of(load_one(catalogue.text(era.path), era.path))
        assert loaded.admits_same_as(as_yaml)
        assert (loaded.name, loaded.scope) == (as_yaml.name, as_yaml.scope)


def test_facts_are_everything_but_the_sentences() -> None:
    text = {"type": "string"}
    body = _facts()
    (version,) = body["spec"]["versions"]

    assert body["metadata"] == {"name": "shops.example.com"}
    assert body["spec"]["names"] == {"kind": "Shop", "plural": "shops", "shortNames": ["sh"]}
    assert "status" not in body
    assert version.keys() == {"name", "served", "storage", "subresources", "schema"}
    door = _SPEC["properties"]["doors"]["items"]
    assert _spec() == {
        "type": "object",
        "required": ["owner", "name", "doors"],
        "x-kubernetes-validations": [
            {"rule": "has(self.name)", "reason": "FieldValueForbidden", "fieldPath": ".name"}
        ],
        "anyOf": [{"required": ["name"]}, {"required": ["owner"]}],
        "properties": {
            "name": {"type": "string", "pattern": "^[a-z \U0001f600]+\\d$"},
            "owner": {
                "type": "object",
                "properties": {"description": text, "message": text},
                "default": {"description": "nobody", "message": "none"},
            },
            "doors": {
                **_SPEC["properties"]["doors"],
                "items": {
                    **door,
                    "properties": {
                        "number": {"type": "integer"},
                        "colour": {"type": "string", "enum": ["red", "blue"]},
                        "key": {"type": "object", "properties": {"secret": text, "lock": text}},
                    },
                },
            },
            "labels": {
                "type": "object",
                "additionalProperties": {"type": "object", "properties": {"a": text, "b": text}},
            },
        },
    }


def test_facts_of_facts_are_the_same() -> None:
    once = facts(_SHOPS, origin=ORIGIN)
    cut = facts(once, keep=["spec.doors.key.secret"])

    assert once.partition("\n")[0] == f"# {ORIGIN}"
    assert facts(once) == once
    assert facts(cut) == cut
    assert facts(cut, keep=["spec.doors.key.secret"]) == cut
    assert cut.partition("\n")[0] == f"# {ORIGIN}; kept: spec.doors.key.secret"


def test_only_the_named_fields_are_kept_and_what_surrounds_them_is_open() -> None:
    kept, complete = _spec("spec.doors.key.secret", "spec.owner", "spec.labels.a"), _spec()
    doors, owner, labels = (kept["properties"][name] for name in ("doors", "owner", "labels"))

    assert kept.keys() == {
        *("type", "properties", "required", "x-kubernetes-preserve-unknown-fields")
    }
    assert kept["required"] == ["owner", "doors"]
    assert owner == complete["properties"]["owner"]
    assert doors["x-kubernetes-list-map-keys"] == ["number"]
    assert doors["items"] == {
        "type": "object",
        "required": ["number"],
        "properties": {
            "number": {"type": "integer"},
            "key": {
                "type": "object",
                "properties": {"secret": {"type": "string"}},
                "x-kubernetes-preserve-unknown-fields": True,
            },
        },
        "x-kubernetes-preserve-unknown-fields": True,
    }
    assert labels["additionalProperties"] == {
        "type": "object",
        "properties": {"a": {"type": "string"}},
        "x-kubernetes-preserve-unknown-fields": True,
    }


@pytest.mark.parametrize(
    ("text", "arguments", "words"),
    [
        ("kind: ConfigMap\n", (), "not a CustomResourceDefinition of apiextensions.k8s.io/v1"),
        ("- 1\n", (), "not a CustomResourceDefinition of apiextensions.k8s.io/v1"),
        ("a: 'b\n", (), "cannot use the file: "),
        ("a: 1\n---\na: 1\n", (), "cannot use the file: more than one document"),
        (_SHOPS, (), "the origin is missing or has another form: --origin "),
        (_SHOPS, ("--origin", "acme"), "the origin is missing or has another"),
        (f"# {ORIGIN}\n{_SHOPS}", ("--keep", "spec.x"), "there is no field x"),
        (None, (), "No such file"),
    ],
)
def test_what_has_no_facts_is_refused(
    text: str | None,
    arguments: tuple[str, ...],
    words: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = tmp_path / "crd.yaml"
    if text is not None:
        file.write_text(text)

    with pytest.raises(SystemExit) as ended:
        main([str(file), *arguments])

    out, err = capsys.readouterr()
    assert (ended.value.code, out) == (2, "")
    assert f"error: {file}: " in err
    assert words in err


def test_a_null_counts_as_no_fields() -> None:
    crd = _crd(copy.deepcopy(_SPEC))
    schema = crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    schema |= {"required": None}
    assert "spec" in facts(yaml.safe_dump(crd), origin=ORIGIN, keep=["spec"])
    schema |= {"properties": None}
    with pytest.raises(ValueError, match="there is no field spec"):
        facts(yaml.safe_dump(crd), origin=ORIGIN, keep=["spec"])
