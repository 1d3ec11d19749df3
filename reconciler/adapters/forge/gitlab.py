"""GitLab: notes of a merge request. The token is that of a project, a group or a person.

The token of a job may not write notes.
"""

from __future__ import annotations

import re

from reconciler.adapters.forge.dialect import Dialect, bearer

GITLAB = Dialect(
    name="GitLab",
    default_url="https://gitlab.com/api/v4",
    example="https://gitlab.example.com/api/v4",
    tokens=("GITLAB_TOKEN",),
    headers=bearer,
    comments="/projects/{repository}/merge_requests/{number}/notes",
    comment="/projects/{repository}/merge_requests/{number}/notes/{comment}",
    pulls="/projects/{repository}/repository/commits/{commit}/merge_requests",
    merged=lambda request: request.get("state") == "merged",
    permission="the token needs the scope api and the role Reporter; the token of a job may not write notes",
    update="PUT",
    issues="/projects/{repository}/issues",
    issue="/projects/{repository}/issues/{number}",
    issue_query=lambda author: (("scope", "all"), ("author_username", author)),
    issue_body="description",
    issue_state=lambda is_open: {"state_event": "reopen" if is_open else "close"},
    issue_permission="the token needs the scope api and the role Reporter",
    order=(("sort", "asc"), ("order_by", "created_at")),
    author="author",
    login="username",
    number="iid",
    repository=re.compile(
        r"[0-9]{1,20}|[A-Za-z0-9_][\w.-]{0,254}(/[\w][\w.-]{0,254}){1,20}", re.ASCII
    ),
    form="group/project, or the number of the project",
)
