"""Finds files in `templates/` that no environment of the repository renders, and no template includes."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Final

from reconciler.model.environment import Environment
from reconciler.model.finding import Finding, Severity
from reconciler.model.location import Location

_MANIFEST: Final = ".yaml.j2"
# The ending of a manifest, and those that are taken for one.
_ENDING: Final = re.compile(r"(\.ya?ml)?\.(j2|jinja2?)$|\.ya?ml$")
# A name that a template computes may be any.
_COMPUTED: Final = re.compile(
    r"""\{%[-+]?\s*(?:include|import|extends|from)\s"""
    r"""(?!\s*(['"])[^'"]*\1\s*(?:[-+]?%\}|ignore|with|as|import))"""
)


def unrendered(
    paths: Collection[str], environments: Collection[Environment]
) -> tuple[Finding, ...]:
    """Findings on files that none of these environments renders; they must be all environments.

    Args:
        paths: of the files in `templates/`.
    """
    rendered = {file.path for each in environments for file in each.templates}
    left = [path for path in paths if path not in rendered and _is_manifest(path)]
    if not left or not environments:
        return ()
    texts = {
        file.path: file.text for each in environments for file in (*each.templates, *each.library)
    }
    return tuple(_findings(left, texts))


def _findings(left: list[str], texts: dict[str, str]) -> Iterator[Finding]:
    if any(map(_COMPUTED.search, texts.values())):
        return
    for path in left:
        name = path.rpartition("/")[2]
        if not any(name in text for other, text in texts.items() if other != path):
            yield Finding(
                "E012",
                Severity.WARNING,
                "no environment renders this file, so nothing in it is applied",
                Location(path, 1),
                hint=_hint(path, name),
            )


def _hint(path: str, name: str) -> str:
    if not name.endswith(_MANIFEST):
        return f"to render it, name it {_ENDING.sub(_MANIFEST, path)}, which `manifests` must match"
    folder = path.rpartition("/")[0]
    return f"match it in `manifests` of environment.yaml, {folder}/*{_MANIFEST} say, or begin its name with _"


def _is_manifest(path: str) -> bool:
    """Whether a file looks like a manifest. One that ends with .j2 alone is there to be included."""
    ending = _ENDING.search(path)
    return bool(ending and ending[0] != ".j2") and not path.rpartition("/")[2].startswith("_")
