"""The metrics, read by parsers that are not ours, and the alerts and the dashboard on them."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from prometheus_client import parser
from prometheus_client.openmetrics import parser as openmetrics

from reconciler.errors import ExitCode
from reconciler.model.change import Action, State
from reconciler.model.run import EnvironmentRun, Run
from reconciler.model.verbs import VERBS
from reconciler.report import Style
from reconciler.reports import FORMATS
from reconciler.reports._metrics import LARGEST, METRICS
from reconciler.text.yaml import load_one
from tests.reports.anything import RUNS
from tests.reports.scenarios import HOSTILE, SCENARIOS, change, hostile, omnia

FILES = Path(__file__).parents[2] / "deploy/prometheus"
ALERTS = FILES / "alerts.yaml"
DASHBOARD = json.loads((FILES / "dashboard.json").read_text())
_HOURS = 30
NAMES = {metric.full_name for metric in METRICS}
Labels = frozenset[tuple[str, str]]


def exported(run: Run) -> str:
    return FORMATS["prometheus"].render(run, Style())


def samples(run: Run) -> dict[tuple[str, Labels], float]:
    """Every sample, as both parsers read it."""
    text = exported(run)
    classic = _samples(parser.text_string_to_metric_families(text))
    assert classic == _samples(openmetrics.text_string_to_metric_families(text))
    return classic


def _samples(families: Any) -> dict[tuple[str, Labels], float]:
    every = [
        ((sample.name, frozenset(sample.labels.items())), sample.value)
        for family in families
        for sample in family.samples
    ]
    assert len(dict(every)) == len(every), "the same series twice, which a collector refuses"
    return dict(every)


def of(run: Run, name: str) -> dict[str, float]:
    """The samples of a metric by their labels, without those of the run."""
    return {
        " ".join(f"{k}={v}" for k, v in sorted(labels) if k not in ("command", "environment")): each
        for (full_name, labels), each in samples(run).items()
        if full_name == f"provider_reconciler_{name}"
    }


@pytest.mark.parametrize("scenario", sorted(SCENARIOS))
def test_two_parsers_read_the_same_from_every_scenario(scenario: str) -> None:
    run = SCENARIOS[scenario]()
    read = samples(run)
    assert {name for name, _ in read} <= NAMES
    codes = [value for (name, _), value in read.items() if name.endswith("_run_exit_code")]
    assert codes == [environment.exit_code for environment in run.environments]


@given(run=RUNS)
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_parsers_read_any_run(run: Run) -> None:
    samples(run)


@pytest.mark.parametrize("text", [*HOSTILE, 'a"b', "a\\", 'a\\"} 1\nfake{a="b', "##[error]x"])
def test_a_name_stays_in_its_label(text: str) -> None:
    run = hostile(text)
    assert {name for name, _ in samples(run)} <= NAMES
    assert {dict(labels)["command"] for _, labels in samples(run)} == {run.verb.name}


def test_a_watch_exports_what_it_saw() -> None:
    run = SCENARIOS["drift"]()
    gateway = "group=agent.flokoa.ai kind=ModelProvider name=gateway namespace=llm"
    unready = "group=omnia.altairalabs.ai kind=Provider name=claude-eu namespace=omnia"
    assert of(run, "object_drift_fields")[gateway] == 2
    assert of(run, "object_ready") == {unready: 0}
    assert of(run, "object_state")[f"{gateway} state=drifted"] == 1
    assert of(run, "objects")["state=unchanged"] == 37
    assert of(run, "in_sync") == {"": 0}
    assert of(run, "run_duration_seconds") == {"": 2.5}
    assert (
        of(run, "run_success_timestamp_seconds")[""]
        == datetime.fromisoformat(run.finished).timestamp()
    )
    wrong = of(run, "secret_wrong")
    assert wrong["key=ANTHROPIC_API_KEY namespace=omnia secret=claude"] == 1
    assert wrong["key=api-key namespace=llm secret=gateway"] == 0
    opened = of(run, "secret_rotation_open_timestamp_seconds")
    since = datetime.fromisoformat("2026-07-24T03:07:00Z").timestamp()
    assert opened["key=key.json namespace=llm secret=vertex-sa"] == since
    assert "key=api-key namespace=llm secret=gateway" not in opened


def test_extra_fields_are_counted_by_object() -> None:
    extra = of(SCENARIOS["extra-fields"](), "object_extra_fields")
    assert sorted(extra.values()) == [1, 1, 2]


def test_only_a_complete_watch_says_that_all_is_in_sync() -> None:
    assert of(SCENARIOS["in-sync"](), "in_sync") == {"": 1}
    for scenario in ("limited", "review", "valid", "partial-apply"):
        assert of(SCENARIOS[scenario](), "in_sync") == {}, scenario


def test_a_run_that_failed_exports_no_time_of_success() -> None:
    stopped = SCENARIOS["stopped"]()
    stopped = replace(stopped, environments=stopped.environments[:1])
    assert of(stopped, "run_success_timestamp_seconds") == {}
    assert of(stopped, "run_timestamp_seconds") != {}
    assert of(stopped, "objects") == {}


def test_the_series_are_limited_and_what_needs_attention_is_among_them() -> None:
    many = [change(omnia(f"p{n}"), State.UNCHANGED, Action.NONE) for n in range(LARGEST)]
    last = change(omnia("zz-last"), State.DRIFTED, Action.UPDATE)
    (environment,) = SCENARIOS["in-sync"]().environments
    run = replace(
        SCENARIOS["in-sync"](),
        environments=(replace(environment, changes=(*many, last)),),
    )
    text = exported(run)
    states = [line for line in text.splitlines() if "object_state{" in line]
    assert len(states) == LARGEST
    assert any("zz-last" in line for line in states)
    assert 'not_exported{command="drift",environment="prod",subject="object"} 1\n' in text
    assert f'objects{{command="drift",environment="prod",state="unchanged"}} {LARGEST}\n' in text


@pytest.mark.parametrize("scenario", ["drift", "partial-apply", "hostile"])
def test_promtool_accepts_the_metrics(promtool: str, scenario: str) -> None:
    text = exported(SCENARIOS[scenario]())
    done = subprocess.run(
        [promtool, "check", "metrics"], input=text, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def rules() -> dict[str, dict[str, Any]]:
    (group,) = load_one(ALERTS.read_text(), ALERTS.name)["groups"]
    return {rule["alert"]: rule for rule in group["rules"]}


def expressions() -> Iterator[str]:
    for panel in DASHBOARD["panels"]:
        yield from (target["expr"] for target in panel["targets"])


def test_alerts_and_dashboard_use_metrics_that_exist() -> None:
    used: set[str] = set()
    variables = [each["definition"] for each in DASHBOARD["templating"]["list"][1:]]
    for text in (*expressions(), *variables, *(rule["expr"] for rule in rules().values())):
        metrics = set(re.findall(r"\bprovider_reconciler_\w+", text))
        assert metrics, text
        used |= metrics
    assert used <= NAMES
    # Which neither uses: what `apply` and `validate` count, and what only a person asks for.
    unused = {
        f"provider_reconciler_{each}"
        for each in ("results", "findings", "object_state", "not_exported", "run_requests")
    }
    assert used == NAMES - unused


def test_the_states_in_the_alerts_exist() -> None:
    states = re.search(r'state=~"([a-z|-]+)"', rules()["ReconcilerDrift"]["expr"])
    assert states
    assert set(states[1].split("|")) <= {state.value for state in State}
    for text in (ALERTS.read_text(), *expressions()):
        assert set(re.findall(r'command="(\w+)"', text)) <= set(VERBS)


def series(run: Run) -> list[dict[str, str]]:
    """What promtool reads as the input of a test: the run exports the same all the time."""
    lines = [line for line in exported(run).splitlines() if line and not line.startswith("#")]
    split = (line.rpartition(" ") for line in lines)
    return [{"series": name, "values": f"{value}x{_HOURS}"} for name, _, value in split]


def firing(
    promtool: str, tmp_path: Path, run: Run | None, at: str, expected: set[str]
) -> subprocess.CompletedProcess[str]:
    """Run promtool: at this time exactly the expected alerts fire on what the run exports."""
    cases = [
        {"eval_time": at, "alertname": name, "exp_alerts": []}
        for name in rules()
        if name not in expected
    ]
    expr = [
        {"expr": f'ALERTS{{alertname="{name}", alertstate="firing"}}', "eval_time": at}
        for name in sorted(expected)
    ]
    # Labels and texts are not what is tested here: that each alert is on is.
    counted = [
        {
            "expr": f"count({each['expr']}) > bool 0",
            "eval_time": at,
            "exp_samples": [{"labels": "{}", "value": 1}],
        }
        for each in expr
    ]
    test = {
        "rule_files": [str(ALERTS)],
        "evaluation_interval": "1h",
        "tests": [
            {
                "interval": "1h",
                "input_series": series(run) if run else [],
                "alert_rule_test": cases,
                "promql_expr_test": counted,
            }
        ],
    }
    file = tmp_path / "test.yaml"
    file.write_text(yaml.safe_dump(test))
    return subprocess.run(
        [promtool, "test", "rules", str(file)], capture_output=True, text=True, check=False
    )


def since_1970(run: Run, shift: str) -> Run:
    """The run as if it had ended at this time of 1970, when promtool's clock begins."""
    return replace(run, started=shift, finished=shift)


def at_epoch(environment: EnvironmentRun) -> EnvironmentRun:
    """Rotations that begin with promtool's clock."""
    rows = tuple(
        replace(
            row,
            event=replace(row.event, opened=replace(row.event.opened, time="1970-01-01T00:00:00Z")),
        )
        if row.event
        else row
        for row in environment.secrets
    )
    return replace(environment, secrets=rows)


def test_the_alerts_fire_on_what_a_watch_exports(promtool: str, tmp_path: Path) -> None:
    run = since_1970(SCENARIOS["drift"](), "1970-01-01T00:00:00Z")
    run = replace(run, environments=tuple(map(at_epoch, run.environments)))
    expected = {
        "ReconcilerDrift",
        "ReconcilerExtraFields",
        "ReconcilerSecretWrong",
        "ReconcilerNotReady",
    }
    expected |= {"ReconcilerRotationOpen", "ReconcilerWatchMissing"}
    done = firing(promtool, tmp_path, run, "26h", expected)
    assert done.returncode == 0, done.stdout + done.stderr
    too_early = firing(promtool, tmp_path, run, "1h", expected)
    assert too_early.returncode != 0


def test_no_alert_fires_while_all_is_in_order(promtool: str, tmp_path: Path) -> None:
    run = since_1970(SCENARIOS["in-sync"](), "1970-01-02T00:00:00Z")
    done = firing(promtool, tmp_path, run, "26h", set())
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("scenario", "expected"),
    [
        ("live-policy", {"ReconcilerLiveValueForbidden"}),
        ("not-checked", {"ReconcilerNotChecked"}),
        ("stopped", {"ReconcilerRunFailed"}),
        ("", {"ReconcilerMetricsAbsent"}),
    ],
)
def test_each_alert_fires_on_its_cause(
    promtool: str, tmp_path: Path, scenario: str, expected: set[str]
) -> None:
    run = since_1970(SCENARIOS[scenario](), "1970-01-02T00:00:00Z") if scenario else None
    if run and run.verb.name != "drift":
        expected = expected | {"ReconcilerMetricsAbsent"}
    done = firing(promtool, tmp_path, run, "25h", expected)
    assert done.returncode == 0, done.stdout + done.stderr


def test_promtool_reads_the_expressions_of_the_dashboard(promtool: str, tmp_path: Path) -> None:
    file = tmp_path / "rules.yaml"
    records = [{"record": f"panel:{n}", "expr": expr} for n, expr in enumerate(expressions())]
    assert len(records) > 10
    file.write_text(yaml.safe_dump({"groups": [{"name": "dashboard", "rules": records}]}))
    command = [promtool, "check", "rules", "--lint=none", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_exit_code_of_a_failure_is_what_the_alert_says() -> None:
    assert rules()["ReconcilerRunFailed"]["expr"].endswith(f"> {int(ExitCode.DIFFERENCES)}")
