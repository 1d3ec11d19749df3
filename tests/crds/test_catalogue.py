"""The CRDs in the tree: names, dates, origin."""

from __future__ import annotations

import re
from importlib import resources

import pytest

from reconciler.crds import catalogue
from reconciler.errors import EnvironmentFileError
from reconciler.semantics.schema.crd import Crd
from reconciler.text.yaml import load_one

PROVIDERS = "providers.omnia.altairalabs.ai"
_HEAD = re.compile(  # repository, path, commit, date, licence
    r"# [\w.-]+/[\w.-]+ \S+\.yaml at [\w.]+, \d{4}-\d\d-\d\d, [A-Z][\w.-]+(; .+)?"
)
_NAME = re.compile(r"\w+/(?P<plural>[a-z]+)\.(?P<date>\d{4}-\d\d-\d\d)\.(?P<commit>.+)\.yaml")
_FILES = [
    f"{folder.name}/{file.name}"
    for folder in resources.files("reconciler.crds").iterdir()
    if folder.is_dir()
    for file in folder.iterdir()
    if file.name.endswith(".yaml")
]


def test_the_newest_counts_without_a_pin() -> None:
    newest = catalogue.eras(PROVIDERS)[-1]

    assert newest.date >= "2026-07-24"
    assert catalogue.era(PROVIDERS) is newest
    assert catalogue.load(PROVIDERS) is catalogue.load(PROVIDERS, newest.date)


def test_a_pin_is_a_date() -> None:
    schema = catalogue.load(PROVIDERS, "2026-04-19").storage_version.schema

    assert schema.at("spec", "secretRef") is not None
    assert schema.at("spec", "role") is None


def test_another_date_is_refused_with_those_that_are_there() -> None:
    with pytest.raises(EnvironmentFileError) as refused:
        catalogue.load(PROVIDERS, "2026-04-21")

    assert refused.value.message == f"there is no {PROVIDERS} of 2026-04-21"
    assert "2026-04-20, 2026-04-28" in refused.value.hint


def test_another_crd_is_refused_with_those_that_are_there() -> None:
    with pytest.raises(EnvironmentFileError) as refused:
        catalogue.load("provider.omnia.altairalabs.ai")

    assert PROVIDERS in refused.value.hint


def test_eras_come_oldest_first_and_know_the_day_of_their_change() -> None:
    eras = catalogue.eras(PROVIDERS)

    assert [e.date for e in eras] == sorted(e.date for e in eras)
    july = catalogue.era(PROVIDERS, "2026-07-24")
    assert (july.since, july.commit) == ("2026-07-10", "c7428e31")
    assert [day for day, _ in catalogue.history(PROVIDERS)] == [e.since for e in eras]


def test_the_era_of_a_crd_from_elsewhere_is_recognised() -> None:
    body = load_one(catalogue.text(catalogue.era(PROVIDERS, "2026-04-19").path), "live")
    body["metadata"]["resourceVersion"] = "7"
    schema = body["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    schema["description"] = "A provider."
    schema["properties"]["spec"]["x-kubernetes-validations"][0]["message"] = "keep one"
    era = catalogue.recognise(Crd.of(body))
    assert era
    assert era.date == "2026-04-19"

    del schema["properties"]["spec"]
    assert catalogue.recognise(Crd.of(body)) is None


def test_a_crd_that_is_not_here_has_no_eras() -> None:
    assert catalogue.eras("widgets.example.com") == ()


@pytest.mark.parametrize("path", _FILES)
def test_every_file_names_its_origin_and_is_what_its_name_says(path: str) -> None:
    named = _NAME.fullmatch(path)
    head = catalogue.text(path).partition("\n")[0]
    eras = [era for name in catalogue.names() for era in catalogue.eras(name) if era.path == path]

    assert named
    assert _HEAD.fullmatch(head), head
    assert f"at {named['commit']}, {named['date']}," in head
    assert len(eras) == 1
    assert catalogue.load(eras[0].crd_name, named["date"]).plural == named["plural"]
