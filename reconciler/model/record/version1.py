"""Version 1 of the record, in which every reference has its own copy of the state of its Secret key."""

from __future__ import annotations

from reconciler.model.document import JsonObject

_OF_THE_SECRET = ("secret", "key", "fingerprint", "previous")


def upgraded(body: JsonObject) -> JsonObject:
    """The same record as JSON of version 2.

    Raises:
        KeyError, TypeError, ValueError, AttributeError: it is not a record.
    """
    secrets: dict[tuple[str, str, str], JsonObject] = {}
    for old in sorted(body["secrets"], key=_reliability):
        (namespace, name), key = old["secret"], old["key"]
        secret = secrets.setdefault((namespace, name, key), _empty(namespace, name, key))
        secret["references"].append({k: v for k, v in old.items() if k not in _OF_THE_SECRET})
        if old["fingerprint"] not in ("", secret["fingerprint"]):
            secret |= {"fingerprint": old["fingerprint"], "since": old["since"]}
        rotation = _rotation(old)
        if old["previous"] and rotation not in secret["rotations"]:
            secret["rotations"].append(rotation)
    for secret in secrets.values():
        secret["references"].sort(key=lambda reference: (reference["owner"], reference["path"]))
    return body | {"secrets": list(secrets.values())}


def _reliability(old: JsonObject) -> tuple[bool, str]:
    """The last one in this order has the newest fingerprint: an entry that is not ok kept its own from before."""
    return old["state"] == "ok", str(old["since"])


def _empty(namespace: str, name: str, key: str) -> JsonObject:
    known = {"fingerprint": "", "since": "", "rotations": [], "references": []}
    return {"namespace": namespace, "name": name, "key": key} | known


def _rotation(old: JsonObject) -> JsonObject:
    """Version 1 has the time when the Secret was written, but neither the commit nor the time of the recording."""
    return {
        "previous": old["previous"],
        "opened": {"time": old["since"], "revision": ""},
        "closed": {"time": "", "how": "recorded"},
    }
