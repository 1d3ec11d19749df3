"""The JSON report keeps its published schema, and can be read back."""

from __future__ import annotations

import json
import re
from collections import Counter
from copy import deepcopy
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from jsonschema import Draft202012Validator

from reconciler.errors import ExitCode, UsageError
from reconciler.model.change import Action, Result, State
from reconciler.model.difference import Why
from reconciler.model.finding import Severity
from reconciler.model.readiness import ReadyState
from reconciler.model.rotation import Rotation
from reconciler.model.run import Run
from reconciler.model.secret import Format, SecretState
from reconciler.model.verbs import VERBS
from reconciler.report import Style
from reconciler.reports import FORMATS
from reconciler.reports.json import LARGEST_REPORT, render, run_from_json
from tests.reports.anything import RUNS
from tests.reports.scenarios import SCENARIOS

SCHEMA: Any = json.loads((files("reconciler.reports") / "report.schema.json").read_text())
# As version 0.1.0 wrote it: every state, a Secret in every state, a finding of every severity.
SAVED: Any = json.loads((Path(__file__).parent / "testdata" / "report.v1.json").read_text())
every_scenario = pytest.mark.parametrize("scenario", sorted(SCENARIOS))


def closed(schema: Any) -> Any:
    """The schema for what this version writes: every key that it describes, and no other."""
    if isinstance(schema, list):
        return [closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {key: closed(value) for key, value in schema.items()}
    if schema.get("type") != "object":
        return inner
    return inner | {"additionalProperties": False, "required": list(schema["properties"])}


VALIDATOR = Draft202012Validator(SCHEMA)
WRITTEN = Draft202012Validator(closed(SCHEMA))


def check(run: Run) -> Any:
    report = json.loads(render(run, Style()))
    WRITTEN.validate(report)
    return report


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@every_scenario
def test_every_report_keeps_the_schema(scenario: str) -> None:
    check(SCENARIOS[scenario]())


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(run=RUNS)
def test_any_run_keeps_the_schema_and_comes_back(run: Run) -> None:
    check(run)
    again = run_from_json(render(run, Style()))
    for name in FORMATS:
        assert FORMATS[name].render(again, Style()) == FORMATS[name].render(run, Style())


def test_the_number_of_requests_is_in_what_differs_between_equal_runs() -> None:
    run, row = SCENARIOS["drift"](), {"environment": "prod", "number": 7}
    counted = replace(run, environments=tuple(replace(e, requests=7) for e in run.environments))
    report, before = (json.loads(render(each, Style())) for each in (counted, run))
    assert report.pop("run") == before.pop("run") | {"requests": [row]}
    assert report == before
    check(counted)
    assert [e.requests for e in run_from_json(render(counted, Style())).environments] == [7]
    assert [e.requests for e in run_from_json(render(run, Style())).environments] == [None]
    hostile = json.loads(render(counted, Style()))
    for wrong in (
        "x",
        ["x"],
        [row | {"number": "7"}],
        [row | {"number": True}],
        [row | {"environment": 7}],
    ):
        hostile["run"]["requests"] = wrong
        assert [e.requests for e in run_from_json(json.dumps(hostile)).environments] == [None]


def objects(schema: Any) -> list[Any]:
    schemas = [schema] if isinstance(schema, dict) and schema.get("type") == "object" else []
    children = (
        schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else []
    )
    return schemas + [each for child in children for each in objects(child)]


def test_the_schema_is_open_to_later_keys_and_says_what_each_key_is() -> None:
    for each in objects(SCHEMA):
        assert "additionalProperties" not in each
        assert set(each["required"]) <= set(each["properties"])
        for key, value in each["properties"].items():
            if key not in {*State, *Result}:
                assert value.get("description"), key


def enums(schema: Any) -> list[list[Any]]:
    if isinstance(schema, list):
        return [value for each in schema for value in enums(each)]
    if not isinstance(schema, dict):
        return []
    own = [schema["enum"]] if "enum" in schema else []
    return own + [value for each in schema.values() for value in enums(each)]


@pytest.mark.parametrize(
    "words",
    [
        VERBS,
        Severity,
        State,
        Action,
        Result,
        Why,
        ReadyState,
        Rotation,
        SecretState,
        Format,
        ExitCode,
    ],
)
def test_every_word_of_the_model_is_a_word_of_the_schema(words: Any) -> None:
    expected = list(words) if words is VERBS else [word.value for word in words]
    assert expected in enums(SCHEMA)


def test_what_differs_between_equal_runs_stands_in_one_block() -> None:
    first, other = check(SCENARIOS["review"]()), check(SCENARIOS["review"]())
    assert first.pop("run") == {
        "started": "2026-07-24T09:41:00Z",
        "finished": "2026-07-24T09:41:02.500Z",
        "durationSeconds": 2.5,
        "requests": [],
    }
    del other["run"]
    assert first == other
    assert "2026-07-24T09:41" not in json.dumps(first)


def test_values_are_json_and_masked_ones_are_not_there() -> None:
    differences = check(SCENARIOS["review"]())["environments"][0]["changes"][1]["differences"]
    model, header, pricing = differences
    assert model["path"] == ["spec", "model"]
    assert model["live"] == {"value": "claude-sonnet-4-5", "masked": False}
    assert header["live"] == header["predicted"] == {"value": "(redacted)", "masked": True}
    assert pricing["live"]["value"] == {"input": 3, "output": 15}
    assert pricing["predicted"] is None


@every_scenario
def test_a_report_read_back_renders_the_same(scenario: str) -> None:
    run = SCENARIOS[scenario]()
    again = run_from_json(render(run, Style()))
    for name in FORMATS:
        assert FORMATS[name].render(again, Style()) == FORMATS[name].render(run, Style())


def paths(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    children = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    return [at, *(below for key, child in children for below in paths(child, (*at, key)))]


@pytest.mark.slow
def test_a_report_that_somebody_changed_is_read_or_refused_but_never_breaks() -> None:
    review = SCENARIOS["review"]()
    environment_run = review.environments[0]
    good = check(
        replace(
            review,
            environments=(
                replace(
                    environment_run,
                    changes=environment_run.changes[:1],
                    secrets=environment_run.secrets[1:2],
                ),
            ),
        )
    )
    outcomes: Counter[str] = Counter()
    for path in paths(good)[1:]:
        parent: Any = good
        for step in path[:-1]:
            parent = parent[step]
        before = parent[path[-1]]
        for other in (None, True, 1.5, "x", [None], {}):
            parent[path[-1]] = other
            changed = json.dumps(good)
            parent[path[-1]] = before
            try:
                run = run_from_json(changed)
            except UsageError:
                outcomes["refused"] += 1
                continue
            FORMATS["markdown"].render(run, Style())
            outcomes["read"] += 1
    assert min(outcomes["read"], outcomes["refused"]) > 100, outcomes


VALID = FORMATS["json"].render(SCENARIOS["extra-field-left"](), Style())
SURROGATE = VALID.replace('"name": "prod"', '"name": "\\ud800"')
DEEP = re.sub(r'"value": "[^"]*"', f'"value": {"[" * 300}{"]" * 300}', VALID, count=1)


def test_the_inputs_of_the_next_test_are_not_valid_ones() -> None:
    assert run_from_json(VALID)
    assert len({VALID, SURROGATE, DEEP}) == 3


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "{}",
        '{"schemaVersion": "2"}',
        '{"schemaVersion": "1"}',
        "NaN",
        pytest.param("[" * 100_000, marks=pytest.mark.exhausts_stack),
        '{"schemaVersion": "1", "run": {}, "environments": [' + "{" * 5,
        '"\ud800"',
        SURROGATE,
        DEEP,
    ],
)
def test_what_is_no_report(text: str) -> None:
    with pytest.raises(UsageError):
        run_from_json(text)


def test_a_report_beyond_the_limit_is_not_even_parsed() -> None:
    with pytest.raises(UsageError, match="larger than"):
        run_from_json(" " * (LARGEST_REPORT + 1))


def extended(value: Any) -> Any:
    """The JSON with a further key in every object but the values of fields, which are data."""
    if isinstance(value, list):
        return [extended(each) for each in value]
    if not isinstance(value, dict):
        return value
    inner = {key: each if key == "value" else extended(each) for key, each in value.items()}
    return inner | {"later": [{"key": "unknown"}], "body": {"text": "of a change"}}


def contains(value: Any, part: Any) -> bool:
    if isinstance(part, dict):
        return all(key in value and contains(value[key], each) for key, each in part.items())
    if isinstance(part, list):
        return len(value) == len(part) and all(map(contains, value, part))
    return bool(value == part)


def test_a_report_of_an_earlier_version_is_read_and_nothing_of_it_is_lost() -> None:
    VALIDATOR.validate(SAVED)
    run = run_from_json(json.dumps(SAVED))
    assert contains(json.loads(render(run, Style())), SAVED)
    states = set(State) - {State.REMOVED, State.ADOPTED, State.HELD}  # since then
    assert {c.state for e in run.environments for c in e.changes} == states
    for name in FORMATS:
        assert FORMATS[name].render(run, Style(verbose=True))


def test_keys_that_a_later_version_adds_are_ignored_wherever_they_stand() -> None:
    later = extended(SAVED)
    VALIDATOR.validate(later)
    run = run_from_json(json.dumps(later))
    assert run == run_from_json(json.dumps(SAVED))
    assert not any(change.body for e in run.environments for change in e.changes)


def refusal(report: Any) -> str:
    """What reading it back says; "" where it can be read."""
    try:
        run_from_json(json.dumps(report))
    except UsageError as error:
        return error.message
    return ""


def test_a_missing_key_leaves_the_default_or_is_an_error_that_names_it() -> None:
    environment = SCENARIOS["review"]().environments[0]
    few = replace(environment, changes=environment.changes[1:2], secrets=environment.secrets[1:2])
    good = check(replace(SCENARIOS["review"](), environments=(few,)))
    required = set()
    for path in paths(good)[1:]:
        report = deepcopy(good)
        parent: Any = report
        for step in path[:-1]:
            parent = parent[step]
        if isinstance(parent, list) or path == ("schemaVersion",) or "value" in path[:-1]:
            continue
        del parent[path[-1]]
        if reason := refusal(report):
            is_top = path == ("environments",)  # what has none is no report at all
            assert reason.endswith("not a report" if is_top else f" has no {path[-1]}")
            required.add(path[-1])
    assert {"command", "environments", "name", "state", "namespace"} <= required
    assert not required & {"notes", "hint", "rotation", "optional", "started", "counts", "dryRun"}
    del good["environments"][0]["changes"][0]["warnings"]
    good["environments"][0]["secrets"][0].pop("since")
    (read,) = run_from_json(json.dumps(good)).environments
    assert (read.changes[0].warnings, read.secrets[0].since) == ((), "")


@pytest.mark.parametrize(
    ("key", "word", "reason"),
    [
        ("state", "on-hold", "is not a known State, but on-hold"),
        ("action", "prune", "is not a known Action, but prune"),
        ("state", "sk-0123456789abcdef", "is not a known State"),
        ("state", "\x1b[31m", "is not a known State"),
    ],
)
def test_a_word_of_a_later_version_is_an_error_that_names_it(
    key: str, word: str, reason: str
) -> None:
    report = deepcopy(SAVED)
    report["environments"][0]["changes"][0][key] = word
    with pytest.raises(UsageError) as caught:
        run_from_json(json.dumps(report))
    assert caught.value.message == (
        f"not a report of this version: report.environments[0].changes[0].{key} {reason}"
    )
    assert "later version" in caught.value.hint
