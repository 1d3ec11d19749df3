"""What is new since the last notification: issues that began, changed or ended, and the state that remembers them.

A state has the issues that were delivered, by command and environment. What a run could not look at is not over: an
environment that stopped, or a run with `--only`, ends nothing, and a Secret that nobody may read is not in order.
If runs overlap, the one that ended last counts: the report of an earlier one is no longer news.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Final

from reconciler.errors import UsageError
from reconciler.frozen import dataclass
from reconciler.model.document import Json, JsonObject, parsed
from reconciler.model.finding import Severity
from reconciler.model.identity import ObjectRef
from reconciler.model.impact import is_later
from reconciler.model.run import EnvironmentRun, Run
from reconciler.report import Style
from reconciler.reports._issues import Issue, issues
from reconciler.reports._json_text import json_text
from reconciler.reports._verdict import view
from reconciler.reports._words import clean, plain

SCHEMA_VERSION: Final = "1"
DIGEST: Final = "digest"  # the key of an issue in a state that tells whether it has changed
LAST: Final = ""  # the key in a topic of when the last report ended that was looked at
_CLOCKS_DIFFER: Final = timedelta(minutes=5)
_TELLING: Final = (Severity.ERROR, Severity.WARNING)

Topic = Mapping[str, JsonObject]  # the issues of one command and environment by fingerprint
State = Mapping[str, Topic]


@dataclass(frozen=True, slots=True)
class News:
    """What began, changed and ended, and the state once that is delivered."""

    began: tuple[JsonObject, ...]
    changed: tuple[JsonObject, ...]
    ended: tuple[JsonObject, ...]
    state: State
    overtaken: tuple[str, ...] = ()  # the environments of which a later report was told

    def __bool__(self) -> bool:
        return bool(self.began or self.changed or self.ended)


def is_overtaken(run: Run, remembered: str, now: str) -> bool:
    """Whether the news of a later run was delivered. A time in the future comes from a wrong clock and is ignored."""
    return is_later(remembered, run.finished) and not is_later(remembered, now, _CLOCKS_DIFFER)


def news(run: Run, before: State, *, now: str = "") -> News:
    """The news of a run, compared with what was delivered.

    Args:
        now: RFC 3339; without it, the time that a state remembers may be any.
    """
    overtaken = []
    began: list[JsonObject] = []
    changed: list[JsonObject] = []
    ended: list[JsonObject] = []
    state = dict(before)
    for environment in run.environments:
        topic = f"{run.verb.name} {environment.name}"
        known = dict(before.get(topic, {}))
        if is_overtaken(run, str(known.pop(LAST, {}).get("finished", "")), now):
            overtaken.append(environment.name)
            continue
        current = _issues(run, environment)
        began += [_as_delivered(issue) for key, issue in current.items() if key not in known]
        changed += [
            _as_delivered(issue)
            for key, issue in current.items()
            if _differs(known.get(key), issue)
        ]
        gone = {key: issue for key, issue in known.items() if key not in current}
        hidden = {key: issue for key, issue in gone.items() if _hides(environment, current, issue)}
        ended += [_as_delivered(issue) for key, issue in gone.items() if key not in hidden]
        state[topic] = hidden | current | {LAST: {"finished": clean(run.finished)}}
    return News(tuple(began), tuple(changed), tuple(ended), state, tuple(overtaken))


def body_of(run: Run, fresh: News) -> str:
    """The JSON of a notification. Two with the same `id` are the same: a delivery may arrive twice."""
    changes: JsonObject = {
        "new": list(fresh.began),
        "changed": list(fresh.changed),
        "resolved": list(fresh.ended),
    }
    digest = hashlib.sha256(json.dumps(changes, sort_keys=True).encode(errors="replace"))
    return json_text(
        {
            "schemaVersion": SCHEMA_VERSION,
            "id": digest.hexdigest(),
            "command": run.verb.name,
            "finished": clean(run.finished),
            "exitCode": int(run.exit_code),
            "environments": [_environment(run, each) for each in run.environments],
            **changes,
        }
    )


def state_text(state: State) -> str:
    return json_text({"schemaVersion": SCHEMA_VERSION, "delivered": state})


def state_from(text: str) -> State:
    """The state in a text; an empty one has delivered nothing.

    Raises:
        UsageError: it is not a state of this version.
    """
    if not text.strip():
        return {}
    try:
        body: Json = parsed(text)
    except ValueError:
        body = None
    delivered = body.get("delivered") if isinstance(body, dict) else None
    if (
        not isinstance(body, dict)
        or body.get("schemaVersion") != SCHEMA_VERSION
        or not _fits(delivered)
    ):
        raise UsageError(
            "this is not a state of notifications of this version",
            hint="remove the file: the next notification then contains everything that is open",
        )
    return dict(delivered or {})


def _fits(delivered: Json) -> bool:
    return isinstance(delivered, dict) and all(
        isinstance(topic, dict) and all(isinstance(issue, dict) for issue in topic.values())
        for topic in delivered.values()
    )


def _differs(before: JsonObject | None, issue: JsonObject) -> bool:
    """Whether an issue has changed; states of early versions lack its objects and its digest."""
    if before is None:
        return False
    known = before.get(DIGEST) or _digest({"objects": issue["objects"], **before})
    return bool(known != issue[DIGEST])


def _as_delivered(issue: JsonObject) -> JsonObject:
    """An issue as it is delivered."""
    return {key: value for key, value in issue.items() if key != DIGEST}


def _digest(issue: JsonObject) -> str:
    text = json.dumps(issue, sort_keys=True)
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()[:12]


def _hides(environment: EnvironmentRun, current: Topic, issue: JsonObject) -> bool:
    """Whether the issue may still exist, since the run did not look at what it is about."""
    if environment.error or environment.only:
        return True
    message = str(issue.get("message", ""))
    unread = [each["message"] for each in current.values() if each["code"] == "unreadable"]
    same = any(_subject(text) == _subject(message) for text in unread)
    return same or any(_names(message, each.name) for each in environment.unchecked)


def _names(message: str, name: str) -> bool:
    """Whether a message has this name, and not only a longer one: `llm/openai` is no `llm/openai-eu`."""
    return re.search(rf"(?<![\w./-]){re.escape(name)}(?![\w./-])", message) is not None


def _subject(message: str) -> str:
    """`Secret llm/openai [key]`, with which a message begins."""
    return message.partition(": ")[0]


def _issues(run: Run, environment: EnvironmentRun) -> dict[str, JsonObject]:
    """The issues, with the commands of the report. Their digests leave out what each run has of its own in these:

    another commit, or another folder of a CI job, is no news.
    """
    alone = replace(run, environments=(environment,))
    lasting = _by_fingerprint(alone, Style())
    return {
        key: {**issue, DIGEST: _digest(lasting[key])}
        for key, issue in _by_fingerprint(alone, Style(invocation=run.invocation)).items()
    }


def _by_fingerprint(alone: Run, style: Style) -> dict[str, JsonObject]:
    (environment,) = alone.environments
    return {
        issue.fingerprint: _issue(issue, environment.name)
        for issue in issues(alone, style)
        if issue.severity in _TELLING
    }


def _issue(issue: Issue, environment: str) -> JsonObject:
    return {
        "fingerprint": issue.fingerprint,
        "environment": clean(environment),
        "code": clean(issue.code),
        "severity": issue.severity.value,
        "title": issue.title,
        "message": issue.message,
        "path": clean(issue.where.path),
        "line": issue.where.line,
        "column": issue.where.column,
        "objects": [_object(ref) for ref in issue.objects],
    }


def _object(ref: ObjectRef) -> JsonObject:
    parts = {"group": ref.group, "kind": ref.kind, "namespace": ref.namespace, "name": ref.name}
    return {key: clean(part) for key, part in parts.items()}


def _environment(run: Run, environment: EnvironmentRun) -> JsonObject:
    shown = view(run, environment, Style())
    return {
        "name": clean(environment.name),
        "verdict": plain(shown.verdict),
        "exitCode": int(environment.exit_code),
    }
