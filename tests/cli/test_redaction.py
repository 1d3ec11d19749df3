"""Every text of a run passes the masks, whatever the run could read; names and words of the program stay."""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
from collections.abc import Iterator
from typing import Any

import pytest

from reconciler import model
from reconciler.adapters.redactor import MARK, SecretRedactor
from reconciler.cli.delivery.redaction import COMPUTED, NAMED, NAMES, PLACES, cleaned
from reconciler.errors import ExitCode
from reconciler.model.change import Action, Change, Outcome, Result, State
from reconciler.model.difference import FieldDifference, FieldValue, Why, Writer
from reconciler.model.finding import Finding, Severity
from reconciler.model.identity import ObjectRef
from reconciler.model.impact import Affected
from reconciler.model.live import UnmanagedObject
from reconciler.model.location import Location
from reconciler.model.readiness import Readiness, ReadyState
from reconciler.model.revision import Revision
from reconciler.model.run import EnvironmentRun, Run, RunError
from reconciler.model.status import EnvironmentStatus
from reconciler.model.unchecked import Unchecked
from reconciler.model.verbs import DIFF
from reconciler.report import Style
from reconciler.reports import FORMATS
from tests.reports.scenarios import change as planned
from tests.reports.scenarios import flokoa

KEY = "sk-litellm-4f7a9c2e"
REVIEW = SecretRedactor()  # of a run that reads no Secret


def change(name: str) -> Change:
    return planned(flokoa(name), State.DRIFTED, Action.UPDATE)


def run_of(*changes: Change, **attributes: Any) -> Run:
    environment = EnvironmentRun("prod", ExitCode.OK, changes=changes, **attributes)
    return Run(DIFF, "1", Revision("803b5d3" + "0" * 33), (environment,))


def value(text: str) -> FieldValue:
    return FieldValue.of(text)


def planted() -> Run:
    """A run in which everything that others write holds a key."""
    said = f"upstream said 401 for Bearer {KEY}"
    return run_of(
        dataclasses.replace(
            change("gateway"),
            readiness=Readiness(ReadyState.NOT_READY, said, said, said),
            differences=(
                FieldDifference(
                    ("metadata", "annotations", KEY),
                    value(said),
                    value(said),
                    Why.DRIFT,
                    by=Writer(said, said, said),
                ),
            ),
            reason=said,
            hint=said,
            warnings=(said,),
        ),
        outcomes=(Outcome(change("gateway").ref, Result.FAILED, said, said, (said,)),),
        findings=(
            Finding("X001", Severity.ERROR, said, Location("a.yaml", 1), hint=said, source=said),
        ),
        notes=(said,),
        warnings=(said,),
        error=RunError(said, said, said),
    )


# Formats of words and numbers alone, into which nothing that others wrote gets.
WITHOUT_TEXTS = {"line", "prometheus"}


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("verbose", [False, True])
def test_a_run_that_reads_no_secret_prints_none(name: str, verbose: bool) -> None:
    text = FORMATS[name].render(cleaned(planted(), REVIEW), Style(verbose=verbose))
    assert "Bearer" in text or name in WITHOUT_TEXTS
    assert KEY not in text
    assert "4f7a9c2e" not in text


def test_every_text_of_a_run_is_cleaned() -> None:
    """Walks the types: an attribute that someone adds to the model is cleaned as well."""
    texts = list(_texts(cleaned(planted(), REVIEW)))
    assert len(texts) > 30
    assert [text for text in texts if KEY in text] == []


@pytest.mark.parametrize(
    "word", [*State, *Result, "prod", "gateway", "ModelProvider", "environments", "803b5d3"]
)
def test_a_secret_that_is_an_ordinary_word_changes_no_name_and_no_word_of_ours(word: str) -> None:
    """Masked, it would be told; and a finished apply must be reported."""
    redactor = SecretRedactor()
    redactor.register(f"{word}".encode())
    run = run_of(
        change("gateway"),
        outcomes=tuple(Outcome(change(r).ref, r) for r in Result),
    )
    for report in FORMATS.values():
        text = report.render(cleaned(run, redactor), Style(verbose=True))
        assert text == report.render(run, Style(verbose=True))
        assert not redactor.leaks(text)


@pytest.mark.parametrize("word", ["configured", "llm-system", "hunter2"])
def test_but_it_is_masked_where_a_value_stands(word: str) -> None:
    redactor = SecretRedactor()
    redactor.register(word.encode())
    difference = FieldDifference(("spec", "model"), value(word), value(f"an {word}"), Why.CHANGE)
    clean = cleaned(difference, redactor)
    assert clean.live == value(MARK)
    warning = cleaned(Outcome(change("a").ref, Result.FAILED, f'it is "{word}"'), redactor)
    assert warning.message == f'it is "{MARK}"'


def test_a_value_stays_json() -> None:
    nested = FieldValue.of({"a": [f"Bearer {KEY}", 1, None], "apiKey": "hunter2"})
    assert cleaned(nested, REVIEW) == FieldValue.of(
        {"a": [f"Bearer {MARK}", 1, None], "apiKey": MARK}
    )
    assert cleaned(FieldValue("no JSON, token=x"), REVIEW) == FieldValue(f"no JSON, token={MARK}")


NAME = "preview-b5255588a078076e"


@pytest.mark.parametrize(
    "format_", ["html", "json", "markdown", "text"]
)  # which name every command
def test_a_command_with_a_random_name_works(format_: str) -> None:
    """Preview environments get random names; what others wrote beside them is still masked."""
    said = f"reconciler drift {NAME} in provider-reconciler-{NAME}, or gw-canary-19c7e5a2f06b4d83"
    moved = dataclasses.replace(change(NAME), hint=f"kubectl get secret {NAME}")
    environment = EnvironmentRun(NAME, ExitCode.OK, changes=(moved,), notes=(said,))
    run = Run(DIFF, "1", Revision(), (environment,))
    text = FORMATS[format_].render(cleaned(run, REVIEW), Style(verbose=True))
    assert f"reconciler apply {NAME}" in text or format_ == "json"
    assert f"reconciler drift {NAME} in provider-reconciler-{NAME}" in text
    assert f"kubectl get secret {NAME}" in text
    assert "19c7e5a2f06b4d83" not in text


OTHER = ObjectRef("omnia.altairalabs.ai", "Provider", NAME, f"by-hand-{NAME}")


@pytest.mark.parametrize(
    "attributes",
    [
        {"unmanaged": (UnmanagedObject(OTHER),)},
        {"affected": (Affected(flokoa("gateway"), OTHER, flokoa("gateway")),)},
        {"unchecked": (Unchecked("kind", f"Provider in by-hand-{NAME}", "no permission"),)},
    ],
)
def test_the_names_of_other_objects_work_as_well(attributes: dict[str, Any]) -> None:
    said = f"kubectl get provider by-hand-{NAME}, for Bearer {KEY}"
    clean = cleaned(run_of(change("gateway"), notes=(said,), **attributes), REVIEW)
    assert clean.environments[0].notes == (
        f"kubectl get provider by-hand-{NAME}, for Bearer {MARK}",
    )


@pytest.mark.parametrize("name", ["9f86d081884c7d659a2feaa0c55ad015", "x4-8Kq2ZtLw9Xc3Vb7Nm1Rs5Td"])
def test_but_a_name_that_may_be_a_key_is_masked_in_what_others_say(name: str) -> None:
    others = (UnmanagedObject(dataclasses.replace(OTHER, name=name)),)
    clean = cleaned(run_of(change("gateway"), notes=(f"it said {name}",), unmanaged=others), REVIEW)
    assert clean.environments[0].notes == (f"it said {MARK}",)


def test_so_does_one_in_a_status() -> None:
    status = EnvironmentStatus(NAME, notes=(f"reconciler apply {NAME}", "Bearer " + KEY))
    assert cleaned((status,), REVIEW)[0].notes == (f"reconciler apply {NAME}", f"Bearer {MARK}")


def test_a_key_of_a_vendor_is_masked_even_in_a_name() -> None:
    environment = EnvironmentRun(f"prod-{KEY}", ExitCode.OK)
    assert KEY not in cleaned(environment, REVIEW).name


def test_digests_and_uids_of_the_program_stay() -> None:
    digest = dataclasses.replace(
        change("a"), content="9f86d081884c7d659a2feaa0c55ad015" * 2, uid="u-1", resource_version="7"
    )
    assert cleaned(digest, REVIEW) == digest


def _types_of_the_model() -> Iterator[type]:
    for module in pkgutil.walk_packages(model.__path__, f"{model.__name__}."):
        loaded = importlib.import_module(module.name)
        yield from (
            kind
            for kind in vars(loaded).values()
            if isinstance(kind, type)
            and dataclasses.is_dataclass(kind)
            and kind.__module__ == module.name
        )


def test_a_name_in_the_tables_is_that_of_one_type_and_of_its_attributes() -> None:
    types: dict[str, list[type]] = {}
    for kind in _types_of_the_model():
        types.setdefault(kind.__name__, []).append(kind)
    for name in NAMES | NAMED.keys() | COMPUTED.keys() | PLACES.keys():
        assert len(types[name]) == 1, name
    for table in (NAMED, COMPUTED, PLACES):
        for name, attributes in table.items():
            assert attributes <= {field.name for field in dataclasses.fields(types[name][0])}, name


def _texts(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, tuple):
        for child in node:
            yield from _texts(child)
    elif dataclasses.is_dataclass(node):
        for field in dataclasses.fields(node):
            yield from _texts(getattr(node, field.name))
