"""GitHub and GitHub Enterprise."""

from __future__ import annotations

from reconciler.adapters.forge.dialect import Dialect, Headers, bearer


def _headers(token: str) -> Headers:
    return (*bearer(token), ("X-GitHub-Api-Version", "2022-11-28"))


GITHUB = Dialect(
    name="GitHub",
    default_url="https://api.github.com",
    example="https://github.example.com/api/v3",
    tokens=("GITHUB_TOKEN",),
    headers=_headers,
    comments="/repos/{repository}/issues/{number}/comments",
    comment="/repos/{repository}/issues/comments/{comment}",
    pulls="/repos/{repository}/commits/{commit}/pulls",
    merged=lambda pull: bool(pull.get("merged_at")),
    permission="the job needs the permission pull-requests: write",
    issue_permission="the job needs the permission issues: write",
    robot="github-actions[bot]",  # a workflow's token may not ask for its user
)
