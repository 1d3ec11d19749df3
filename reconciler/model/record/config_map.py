"""The record in the ConfigMap of its environment: base64 of gzip of canonical JSON under one key of `binaryData`."""

from __future__ import annotations

import base64
import gzip
import io
import zlib
from typing import Final

from reconciler.model.document import JsonObject, canonical, dig, dig_map, parsed
from reconciler.model.record import Record
from reconciler.model.record.stored import UnreadableRecord, from_json, to_json

DATA_KEY: Final = "record.json.gz"
_MAX_BYTES = 64 * 1024 * 1024  # decompressed; a ConfigMap holds 1 MiB at most


def from_config_map(config_map: JsonObject, environment: str) -> Record | None:
    """The record of an environment in a ConfigMap; None if it has none.

    Raises:
        LaterRecord: a later version of this program wrote it.
        UnreadableRecord: it is not a record.
    """
    packed = dig(config_map, "binaryData", DATA_KEY)
    if packed is None:
        return None
    try:
        body = parsed(_decompress(base64.b64decode(packed, validate=True)))
    except (ValueError, TypeError, OSError, EOFError, zlib.error) as error:
        raise UnreadableRecord("it is not gzip of JSON") from error
    if not isinstance(body, dict):
        raise UnreadableRecord("it is not a JSON object")
    record = from_json(body)
    if record.environment != environment:
        raise UnreadableRecord(f"it belongs to the environment {record.environment!r}")
    return record


def with_record(config_map: JsonObject, record: Record) -> JsonObject:
    """The ConfigMap with this record and everything else that it had; equal records have equal bytes."""
    packed = gzip.compress(canonical(to_json(record)).encode(), mtime=0)
    binary = dig_map(config_map, "binaryData") | {DATA_KEY: base64.b64encode(packed).decode()}
    return config_map | {"binaryData": binary}


def _decompress(packed: bytes) -> bytes:
    with gzip.GzipFile(fileobj=io.BytesIO(packed)) as stream:
        raw = stream.read(_MAX_BYTES + 1)
    if len(raw) > _MAX_BYTES:
        raise ValueError("too large")
    return raw
