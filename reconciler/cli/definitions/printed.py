"""Manifests as YAML for other programs: what they read is exactly what git describes."""

from __future__ import annotations

import json
import re

from reconciler.errors import Bug
from reconciler.model.document import Document
from reconciler.model.manifest import Manifest
from reconciler.text.foreign import masked_name
from reconciler.text.yaml import dump, load_documents

SOURCE = "# Source: "  # the first line of each document
_PLAIN = re.compile(r"[\w./:@+-]+", re.ASCII)


def printed(manifest: Manifest) -> str:
    """One YAML document, with its template as a comment.

    Raises:
        Bug: the text would be read as something else.
    """
    body = manifest.document.body()
    text = f"---\n{SOURCE}{_quoted(masked_name(str(manifest.origin(()).template)))}\n{dump(body)}"
    stream = load_documents(text)
    read = [Document.of(document.value).text for document in stream.documents]
    if stream.errors or read != [manifest.document.text]:
        raise Bug("a manifest was not printed, since its YAML would be read as something else")
    return text


def _quoted(path: str) -> str:
    """A path on one line: its author chose the name of the file, and every character in it."""
    return path if _PLAIN.fullmatch(path) else json.dumps(path)
