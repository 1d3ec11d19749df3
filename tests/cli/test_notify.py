"""`reconciler notify`: news, once, to a webhook over real HTTP."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from reconciler.adapters.webhook import AUTHORIZATION, Webhook
from reconciler.cli import main
from reconciler.errors import DeliveryError, ExitCode, UsageError
from reconciler.model.run import EnvironmentRun, Run
from reconciler.report import Style
from reconciler.reports import FORMATS
from reconciler.reports._news import news, state_from, state_text
from tests.adapters.forge.server import running
from tests.reports.scenarios import HOSTILE, SCENARIOS, hostile

DRIFT = SCENARIOS["drift"]()
(PROD,) = DRIFT.environments


@dataclass
class Receiver:
    """What arrived; `faults` are statuses to answer first, -1 to break off."""

    bodies: list[dict[str, Any]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    authorizations: list[str] = field(default_factory=list)
    faults: list[int] = field(default_factory=list)
    url: str = ""


@contextmanager
def serve(receiver: Receiver) -> Iterator[Receiver]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            fault = receiver.faults.pop(0) if receiver.faults else 0
            receiver.paths.append(self.path)
            receiver.authorizations.append(self.headers.get("Authorization", ""))
            if not fault:
                receiver.bodies.append(body)
            self.send_response(fault or 204)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.url = f"http://127.0.0.1:{server.server_port}/hook?key=hidden-word"
    with running(server):
        yield receiver


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    with serve(Receiver()) as made:
        monkeypatch.setenv("RECONCILER_WEBHOOK", made.url)
        yield made


def save(path: Path, *environments: EnvironmentRun, run: Run = DRIFT) -> str:
    path.write_text(FORMATS["json"].render(replace(run, environments=environments), Style()))
    return str(path)


def notified(tmp_path: Path, *environments: EnvironmentRun, run: Run = DRIFT) -> int:
    report = save(tmp_path / "drift.json", *environments, run=run)
    return main(["notify", report, "--state", str(tmp_path / "state.json")])


def counted(body: dict[str, Any]) -> tuple[int, int, int]:
    return len(body["new"]), len(body["changed"]), len(body["resolved"])


FEWER = replace(PROD, changes=PROD.changes[1:])  # without the drift of the gateway


def test_what_is_new_is_told_once(
    receiver: Receiver, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(3):
        assert notified(tmp_path, PROD) == 0
    (body,) = receiver.bodies
    assert counted(body)[1:] == (0, 0)
    assert body["environments"] == [
        {"name": "prod", "verdict": "20 findings need attention", "exitCode": 1}
    ]
    assert (body["command"], body["exitCode"]) == ("drift", 1)
    drift = next(issue for issue in body["new"] if issue["code"] == "drift")
    assert (drift["path"], drift["line"]) == ("environments/prod/values.yaml", 14)
    assert drift["environment"] == "prod"
    first, *later = capsys.readouterr().out.splitlines()
    assert first == f"delivered: {len(body['new'])} new"
    assert later == ["no news", "no news"]


def test_what_ends_is_resolved_and_may_begin_again(receiver: Receiver, tmp_path: Path) -> None:
    for environment in (PROD, FEWER, PROD):
        notified(tmp_path, environment)
    first, second, third = receiver.bodies
    assert counted(second) == (0, 0, 1)
    assert counted(third) == (1, 0, 0)
    assert second["resolved"] == third["new"]
    assert second["resolved"][0] in first["new"]
    assert len({body["id"] for body in receiver.bodies}) == 3


def test_what_changes_is_told_again(receiver: Receiver, tmp_path: Path) -> None:
    gateway = PROD.changes[0]
    other = replace(gateway, differences=gateway.differences[1:])
    notified(tmp_path, PROD)
    notified(tmp_path, replace(PROD, changes=(other, *PROD.changes[1:])))
    assert counted(receiver.bodies[1]) == (0, 1, 0)


def test_each_environment_and_command_has_its_own_news(receiver: Receiver, tmp_path: Path) -> None:
    dev = replace(PROD, name="dev")
    notified(tmp_path, PROD)
    notified(tmp_path, dev)
    notified(tmp_path, PROD, dev)
    notified(tmp_path, *SCENARIOS["review"]().environments, run=SCENARIOS["review"]())
    assert len(receiver.bodies) == 3
    assert all(counted(body)[2] == 0 for body in receiver.bodies)


def test_what_was_not_looked_at_is_not_resolved(receiver: Receiver, tmp_path: Path) -> None:
    notified(tmp_path, PROD)
    (stopped, _, *_) = SCENARIOS["stopped"]().environments
    notified(tmp_path, stopped)
    assert counted(receiver.bodies[1]) == (1, 0, 0)
    notified(tmp_path, replace(FEWER, only=(PROD.changes[2].ref,)))
    assert len(receiver.bodies) == 2
    notified(tmp_path, PROD)
    assert [issue["code"] for issue in receiver.bodies[2]["resolved"]] == ["stopped"]


def test_a_secret_that_nobody_may_read_any_more_is_not_in_order() -> None:
    before = news(DRIFT, {}).state
    hidden = replace(
        PROD, secrets=(), unchecked=SCENARIOS["not-checked"]().environments[0].unchecked
    )
    named = replace(hidden, unchecked=(replace(hidden.unchecked[0], name="omnia/claude"),))
    longer = replace(hidden, unchecked=(replace(hidden.unchecked[0], name="omnia/claud"),))
    for environment, kept in ((hidden, False), (longer, False), (named, True)):
        ended = news(replace(DRIFT, environments=(environment,)), before).ended
        assert any("Secret omnia/claude [" in issue["message"] for issue in ended) is not kept


@pytest.mark.parametrize("fault", [500, 404, 302])
def test_a_delivery_that_failed_is_repeated_by_the_next_run(
    receiver: Receiver, tmp_path: Path, fault: int, capsys: pytest.CaptureFixture[str]
) -> None:
    receiver.faults = [fault] * 4
    assert notified(tmp_path, PROD) == ExitCode.SOURCE
    error = capsys.readouterr().err
    assert "error: 127.0.0.1: " in error
    assert "hidden-word" not in error
    receiver.faults = []
    assert notified(tmp_path, PROD) == 0
    assert [counted(body)[1:] for body in receiver.bodies] == [(0, 0)]


def test_runs_that_overlap_tell_it_once(receiver: Receiver, tmp_path: Path) -> None:
    report = save(tmp_path / "drift.json", PROD)
    words = ["notify", report, "--state", str(tmp_path / "state.json")]
    threads = [threading.Thread(target=run_quietly, args=(words,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(receiver.bodies) == 1


def run_quietly(words: list[str]) -> None:
    from reconciler.cli.notify.notify import NotifyInput, send_news
    from reconciler.cli.wiring.inputs import Inputs

    url = os.environ["RECONCILER_WEBHOOK"]
    send_news(NotifyInput((words[1],), state=words[3], webhook=url), Inputs())


def test_the_lock_of_the_state_is_no_pipe_and_no_link(receiver: Receiver, tmp_path: Path) -> None:
    lock, victim = tmp_path / ".state.json.lock", tmp_path / "victim"
    victim.write_text("mine")
    lock.symlink_to(victim)
    assert notified(tmp_path, PROD) == ExitCode.SOURCE
    assert (victim.read_text(), receiver.bodies) == ("mine", [])
    lock.unlink()
    os.mkfifo(lock)
    assert notified(tmp_path, PROD) == ExitCode.SOURCE
    lock.unlink()
    assert (notified(tmp_path, PROD), len(receiver.bodies)) == (ExitCode.OK, 1)


def test_a_damaged_state_is_refused_and_nothing_is_sent(
    receiver: Receiver, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    state = tmp_path / "state.json"
    for text in (
        "{",
        "[]",
        '{"schemaVersion": "2"}',
        '{"schemaVersion": "1", "delivered": {"a": 1}}',
    ):
        state.write_text(text)
        assert notified(tmp_path, PROD) == ExitCode.USAGE
        assert f"error: {state}: this is not a state" in capsys.readouterr().err
        assert state.read_text() == text
    assert receiver.bodies == []


def test_the_url_comes_from_a_variable_or_a_file(
    receiver: Receiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "url"
    file.write_text(f"{receiver.url}\n")
    report = save(tmp_path / "drift.json", PROD)
    words = ["notify", report, "--state", str(tmp_path / "s"), "--webhook-file", str(file)]
    assert main(words) == ExitCode.USAGE, "both are set"
    monkeypatch.delenv("RECONCILER_WEBHOOK")
    monkeypatch.setenv(AUTHORIZATION, "Bearer hidden-word")
    assert main(words) == 0
    assert receiver.paths == ["/hook?key=hidden-word"]
    assert receiver.authorizations == ["Bearer hidden-word"]
    assert main(words[:-2]) == ExitCode.USAGE


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("hooks.example.com", "not a URL"),
        ("https://", "not a URL"),
        ("https://a b/", "not a URL"),
        ("https://user:hidden-word@hooks.example.com/", "holds credentials"),
        ("http://hooks.example.com/hidden-word", "not https"),
    ],
)
def test_a_url_that_cannot_be(url: str, words: str) -> None:
    with pytest.raises(UsageError, match=words) as caught:
        Webhook(url, environ={})
    assert "hidden-word" not in caught.value.message + caught.value.hint
    Webhook("http://hooks.tools.svc/x", environ={}).close()


def test_nobody_listens() -> None:
    with serve(Receiver()) as receiver:
        pass
    hook = Webhook(receiver.url, sleep=lambda _: None, environ={})
    with pytest.raises(DeliveryError, match="no connection to the webhook") as caught:
        hook.deliver("{}")
    assert "hidden-word" not in str(vars(caught.value))


@pytest.mark.parametrize("text", HOSTILE)
def test_a_state_of_any_text_comes_back(text: str) -> None:
    fresh = news(hostile(text), {})
    assert state_from(state_text(fresh.state)) == fresh.state
    assert not news(hostile(text), state_from(state_text(fresh.state)))


def test_a_state_of_an_earlier_version_is_no_news() -> None:
    """It lacks the objects of the issues."""
    before = news(DRIFT, {}).state
    old = {
        topic: {
            key: {k: v for k, v in issue.items() if k != "objects"} for key, issue in each.items()
        }
        for topic, each in before.items()
    }
    assert not news(DRIFT, old)


BEFORE, AFTER = "2026-07-24T09:00:00Z", "2026-07-24T10:00:00Z"


def ended(finished: str) -> Run:
    return replace(DRIFT, finished=finished)


def test_of_runs_that_overlap_the_one_that_ended_last_has_told_how_things_are(
    receiver: Receiver, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    notified(tmp_path, PROD, run=ended(AFTER))
    for environment in (FEWER, PROD):  # one that was slow, or a job that runs again
        assert notified(tmp_path, environment, run=ended(BEFORE)) == 0
    assert len(receiver.bodies) == 1
    printed = capsys.readouterr()
    assert printed.out.splitlines()[1:] == ["no news", "no news"]
    assert printed.err == "prod: a later report has already been sent\n" * 2
    notified(tmp_path, FEWER, run=ended("2026-07-24T10:00:00.500Z"))
    assert capsys.readouterr().err == ""
    assert counted(receiver.bodies[1]) == (0, 0, 1)


def test_a_clock_that_was_wrong_silences_nobody(
    receiver: Receiver, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    notified(tmp_path, PROD, run=ended("2999-01-01T00:00:00Z"))
    notified(tmp_path, FEWER, run=ended(BEFORE))
    assert counted(receiver.bodies[1]) == (0, 0, 1)
    notified(tmp_path, PROD, run=ended(AFTER))
    assert counted(receiver.bodies[2]) == (1, 0, 0)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(("now", "overtaken"), [("09:55:00", True), ("09:54:59", False)])
def test_clocks_may_differ_by_minutes(now: str, overtaken: bool) -> None:
    state = news(ended(AFTER), {}).state
    fresh = news(ended(BEFORE), state, now=f"2026-07-24T{now}Z")
    assert fresh.overtaken == (("prod",) if overtaken else ())


def test_what_ended_before_it_could_be_delivered_is_told_to_nobody(
    receiver: Receiver, tmp_path: Path
) -> None:
    notified(tmp_path, FEWER)
    receiver.faults = [500] * 4
    assert notified(tmp_path, PROD) == ExitCode.SOURCE
    receiver.faults = []
    assert notified(tmp_path, FEWER) == 0
    assert [counted(body)[1:] for body in receiver.bodies] == [(0, 0)], "neither new nor resolved"


def test_a_run_that_dies_after_a_delivery_tells_the_same_news_under_the_same_id(
    receiver: Receiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("reconciler.cli.notify.destinations.remember", dies)
        with pytest.raises(KeyboardInterrupt):
            run_quietly(["", save(tmp_path / "drift.json", PROD), "", str(tmp_path / "state.json")])
    assert notified(tmp_path, PROD) == notified(tmp_path, PROD) == 0
    first, second = receiver.bodies
    assert first == second


@pytest.mark.parametrize("late", range(4))
def test_in_any_order_of_failures_everything_is_told_once(
    receiver: Receiver, tmp_path: Path, late: int
) -> None:
    """Five runs, of which one cannot deliver: what a reader knows in the end is what the last run saw."""
    open_now: set[str] = set()
    for number, environment in enumerate((PROD, FEWER, PROD, FEWER, PROD)):
        receiver.faults = [500] * 4 if number == late else []
        notified(tmp_path, environment, run=ended(f"2026-07-24T1{number}:00:00Z"))
    for body in receiver.bodies:
        began, over = ({i["fingerprint"] for i in body[key]} for key in ("new", "resolved"))
        assert not began & open_now, "told twice"
        assert over <= open_now, "resolved, and never told"
        open_now = (open_now | began) - over
    expected = news(DRIFT, {}).state["drift prod"].keys() - {""}
    assert open_now == expected
