"""The ApplySet of an environment (KEP-3659, with the keys of kubectl, which differ from those in the text of the KEP).

The parent is the ConfigMap `provider-reconciler-<environment>` in the home namespace, which also holds the record.
Members have the label `part-of` from the first apply on.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable

from reconciler.model.document import JsonObject, dig_map

PREFIX = "applyset.kubernetes.io/"
PART_OF = PREFIX + "part-of"
ID = PREFIX + "id"
TOOLING = PREFIX + "tooling"
GROUP_KINDS = PREFIX + "contains-group-kinds"
NAMESPACES = PREFIX + "additional-namespaces"
TOOL = "provider-reconciler"


def parent_name(environment: str) -> str:
    """The name of the environment's ConfigMap."""
    return f"{TOOL}-{environment}"


def identify(name: str, namespace: str, kind: str, group: str) -> str:
    """The id of the set with this parent: 55 characters, valid as the value of a label."""
    digest = hashlib.sha256(f"{name}.{namespace}.{kind}.{group}".encode()).digest()
    encoded = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    return f"applyset-{encoded}-v1"


def set_id(environment: str, home: str) -> str:
    """The id of an environment's set, whose parent is in the namespace `home`."""
    return identify(parent_name(environment), home, "ConfigMap", "")


def foreign_tool(parent: JsonObject, expected_id: str) -> str:
    """Why the program must not write this ConfigMap, as a sentence; "" if it may."""
    metadata = dig_map(parent, "metadata")
    tooling = str(dig_map(metadata, "annotations").get(TOOLING, ""))
    if tooling and tooling.split("/", maxsplit=1)[0] != TOOL:
        return f"it is the ApplySet of another tool: {tooling}"
    actual_id = str(dig_map(metadata, "labels").get(ID, ""))
    if actual_id and actual_id != expected_id:
        return f"its ApplySet id is {actual_id}, not {expected_id}"
    return ""


def parent_marks(
    expected_id: str,
    version: str,
    home: str,
    kinds: Iterable[str],
    namespaces: Iterable[str],
) -> tuple[dict[str, str], dict[str, str]]:
    """The labels and annotations of the parent: the exact kinds and namespaces of the set or, before an apply, more."""
    annotations = {
        TOOLING: f"{TOOL}/v{version}",
        GROUP_KINDS: ",".join(sorted(kinds)),
        NAMESPACES: ",".join(sorted(set(namespaces) - {home})),
    }
    return {ID: expected_id}, annotations
