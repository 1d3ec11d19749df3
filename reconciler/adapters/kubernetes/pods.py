"""Pods, as far as they tell which value of a Secret they have; nothing of their spec leaves this module."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from reconciler.model.document import Document, JsonObject, dig, dig_map
from reconciler.model.impact import Pod

_ENDED = ("Succeeded", "Failed")


def running_pods(documents: Iterable[Document]) -> tuple[Pod, ...]:
    """The pods that have not ended; those that are being deleted still run."""
    bodies = (document.body() for document in documents)
    return tuple(_pod(body) for body in bodies if dig(body, "status", "phase") not in _ENDED)


def _pod(body: JsonObject) -> Pod:
    metadata = dig_map(body, "metadata")
    labels = {key: str(value) for key, value in dig_map(metadata, "labels").items()}
    return Pod(
        str(metadata.get("namespace") or ""),
        str(metadata.get("name") or ""),
        tuple(sorted(labels.items())),
        tuple(sorted(_started(body))),
    )


def _started(body: JsonObject) -> Iterator[tuple[str, str]]:
    statuses = dig(body, "status", "containerStatuses")
    for status in statuses if isinstance(statuses, list) else ():
        start = dig(status, "state", "running", "startedAt")
        if isinstance(start, str):
            yield str(dig(status, "name") or ""), start
