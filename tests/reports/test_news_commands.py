"""News prints the commands of the report, and what differs from run to run in these is no news."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reconciler.model.command import Invocation
from reconciler.model.identity import Endpoint
from reconciler.reports._chat import BODIES
from reconciler.reports._events import about_objects
from reconciler.reports._forge_issue import issue_of
from reconciler.reports._news import news, state_from, state_text
from tests.reports.scenarios import SCENARIOS

DRIFT = SCENARIOS["drift"]()
(PROD,) = DRIFT.environments
ELSEWHERE = replace(
    DRIFT,
    invocation=Invocation("../config", "0123456789ab", context="eu", cluster="directory:live"),
)
JOB = replace(DRIFT, invocation=Invocation("/tmp/job-2", "ba9876543210"))
UNDO = (
    "reconciler apply prod -C ../config --revision 0123456789ab --context eu "
    "--cluster directory:live --only"
)
PROVIDER = Endpoint("omnia.altairalabs.ai", "v1alpha1", "Provider", "providers")


@pytest.mark.parametrize("body", sorted(BODIES))
def test_a_webhook_gets_the_commands_of_the_report(body: str) -> None:
    text = BODIES[body](ELSEWHERE, news(ELSEWHERE, {}))
    assert UNDO in text
    assert text.count("reconciler apply prod") == text.count("reconciler apply prod -C ../config")


def test_an_event_has_the_commands_of_the_report() -> None:
    events = about_objects(news(ELSEWHERE, {}))
    notes = " ".join(str(each.body(PROVIDER, "", "")["note"]) for each in events)
    assert 0 < notes.count("reconciler apply prod") == notes.count(UNDO)


def test_another_commit_or_folder_is_no_news() -> None:
    first = news(ELSEWHERE, {})
    assert not news(JOB, state_from(state_text(first.state)))
    ended = news(replace(JOB, environments=(replace(PROD, changes=()),)), first.state).ended
    assert any(UNDO in str(issue["message"]) for issue in ended), "as it was told"
    assert all("digest" not in issue for issue in (*first.began, *ended))
    issue = issue_of(ELSEWHERE, "", is_open=False)
    assert issue is not None
    assert issue_of(JOB, issue[1], is_open=True) is None


def test_a_state_of_an_earlier_version_has_no_commands_and_no_digests() -> None:
    issues = news(DRIFT, {}).began
    known = {str(issue["fingerprint"]): issue for issue in issues}
    assert not news(ELSEWHERE, {"drift prod": known})
