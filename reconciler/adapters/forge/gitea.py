"""Gitea and Forgejo, which have the same API. They list all comments of a pull request at once."""

from __future__ import annotations

from dataclasses import replace

from reconciler.adapters.forge.dialect import Dialect

GITEA = Dialect(
    name="Gitea",
    default_url="",
    example="https://gitea.example.com/api/v1",
    tokens=("GITEA_TOKEN", "GITHUB_TOKEN"),  # a job's own token has the name of GitHub's
    headers=lambda token: (("Authorization", f"token {token}"),),
    comments="/repos/{repository}/issues/{number}/comments",
    comment="/repos/{repository}/issues/comments/{comment}",
    pulls="/repos/{repository}/commits/{commit}/pull",
    merged=lambda pull: bool(pull.get("merged")),
    permission="the token needs the scopes write:issue, read:repository and read:user",
    pages=False,
    issue_query=lambda author: (("state", "all"), ("type", "issues"), ("created_by", author)),
    issue_size="limit",
    issue_permission="the token needs the scopes write:issue and read:user",
    robot="gitea-actions",
)
FORGEJO = replace(
    GITEA,
    name="Forgejo",
    example="https://forgejo.example.com/api/v1",
    tokens=("FORGEJO_TOKEN", "GITHUB_TOKEN"),
    robot="forgejo-actions",
)
