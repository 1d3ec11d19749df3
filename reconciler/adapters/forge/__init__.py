"""The forge that hosts the pull requests.

comments.py    creates or updates the comments of a report
issues.py      keeps one issue up to date
repository.py  what both need
dialect.py     what is different about each forge's API
github.py, gitlab.py, gitea.py
wire.py        sends requests; one message for each refusal
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from reconciler.adapters.forge.dialect import Dialect
from reconciler.adapters.forge.gitea import FORGEJO, GITEA
from reconciler.adapters.forge.github import GITHUB
from reconciler.adapters.forge.gitlab import GITLAB

FORGES: Mapping[str, Dialect] = MappingProxyType(
    {"github": GITHUB, "gitlab": GITLAB, "gitea": GITEA, "forgejo": FORGEJO}
)
