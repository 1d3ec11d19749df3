"""Images as one OCI archive, layers as they are: compressing them would take longer than it saves."""

from __future__ import annotations

import hashlib
import io
import json
import platform
import tarfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

_OCI = "application/vnd.oci.image"
_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}


@dataclass(frozen=True)
class Image:
    """
    Attributes:
        settings: `Entrypoint`, `User` and so on, as in an OCI image.
        layers: tar files, the lowest first.
    """

    name: str
    settings: dict[str, Any]
    layers: tuple[str, ...]


def write_archive(stream: IO[bytes], images: Iterable[Image]) -> None:
    with tarfile.open(fileobj=stream, mode="w|") as tar:
        _add(tar, "oci-layout", b'{"imageLayoutVersion": "1.0.0"}')
        manifests = [_image(tar, image) for image in images]
        _add(tar, "index.json", json.dumps({"schemaVersion": 2, "manifests": manifests}).encode())


def _image(tar: tarfile.TarFile, image: Image) -> dict[str, Any]:
    """The files of an image, and the entry that points to them."""
    layers = [_layer(tar, Path(layer)) for layer in image.layers]
    content = {
        "os": "linux",
        "architecture": _ARCHITECTURES[platform.machine()],
        "config": image.settings,
        "rootfs": {"type": "layers", "diff_ids": [layer["digest"] for layer in layers]},
    }
    manifest = {
        "schemaVersion": 2,
        "mediaType": f"{_OCI}.manifest.v1+json",
        "config": _blob(tar, content, "config.v1+json"),
        "layers": layers,
    }
    names = {"io.containerd.image.name": image.name}
    return _blob(tar, manifest, "manifest.v1+json") | {"annotations": names}


def _layer(tar: tarfile.TarFile, file: Path) -> dict[str, Any]:
    with file.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
        content.seek(0)
        entry = tarfile.TarInfo(f"blobs/sha256/{digest}")
        entry.size = file.stat().st_size
        tar.addfile(entry, content)
    return _entry(digest, entry.size, "layer.v1.tar")


def _blob(tar: tarfile.TarFile, body: object, kind: str) -> dict[str, Any]:
    content = json.dumps(body).encode()
    digest = hashlib.sha256(content).hexdigest()
    _add(tar, f"blobs/sha256/{digest}", content)
    return _entry(digest, len(content), kind)


def _entry(digest: str, size: int, kind: str) -> dict[str, Any]:
    return {"mediaType": f"{_OCI}.{kind}", "digest": f"sha256:{digest}", "size": size}


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    tar.addfile(entry, io.BytesIO(content))
