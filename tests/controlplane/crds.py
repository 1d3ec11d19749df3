"""Custom resource definitions: read, renamed, installed, and waited for."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx
import yaml

from tests.controlplane.locks import until

Request = Callable[..., httpx.Response]
Crd = dict[str, Any]

_CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
_APPLY = {"Content-Type": "application/apply-patch+yaml"}
_MANAGER = "control-plane-fixture"
_DATED = re.compile(r"(?P<plural>[a-z]+)\.(?P<date>\d{4}-\d\d-\d\d)\..+\.yaml")


@dataclass(frozen=True)
class Served:
    """A kind that the server serves now, in the version that it stores."""

    group: str
    version: str
    kind: str
    plural: str
    namespaced: bool

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}"

    def path(self, namespace: str) -> str:
        """Where its objects are."""
        inner = f"/namespaces/{namespace}" if self.namespaced else ""
        return f"/apis/{self.group}/{self.version}{inner}/{self.plural}"


def newest(directory: Path) -> list[Path]:
    """Of `<system>/<plural>.<date>.<commit>.yaml`, the newest for each system and plural."""
    paths: dict[tuple[Path, str], Path] = {}
    for path in sorted(directory.glob("*/*.yaml")):
        if dated := _DATED.fullmatch(path.name):
            paths[path.parent, dated["plural"]] = path  # dates sort as text: the last one wins
    return list(paths.values())


def load(path: Path) -> Crd:
    # Not the product's own reader: what the tests stand on must not fall with what they test.
    documents = yaml.load_all(path.read_text("utf-8"), Loader=yaml.CSafeLoader)
    (crd,) = [document for document in documents if document]
    crd.pop("status", None)  # old generators wrote an empty one
    return dict(crd)


def regrouped(crd: Crd, group: str) -> Crd:
    renamed = copy.deepcopy(crd)
    renamed["spec"]["group"] = group
    renamed["metadata"]["name"] = f"{crd['spec']['names']['plural']}.{group}"
    return renamed


def install(request: Request, crds: Iterable[Crd]) -> list[Served]:
    """All are sent before the first is waited for."""
    waits = [_send(request, crd) for crd in crds]
    for served, outdated in waits:
        until(partial(_usable, request, served, outdated), f"{served} is served")
    return [served for served, _ in waits]


def _send(request: Request, crd: Crd) -> tuple[Served, str]:
    """Also the published schema that must go away first, when this replaces another one."""
    path = f"{_CRDS}/{crd['metadata']['name']}"
    before = request("GET", path)
    published = _published(request, _served(crd)).text
    answer = request(
        "PATCH",
        path,
        params={"fieldManager": _MANAGER, "force": "true"},
        headers=_APPLY,
        json=crd,
    )
    if not answer.is_success:
        raise AssertionError(f"{crd['metadata']['name']}: {answer.status_code} {answer.text}")
    replaces = before.is_success and _schemas(before.json()) != _schemas(answer.json())
    return _served(crd), published if replaces else ""


def _served(crd: Crd) -> Served:
    spec = crd["spec"]
    version = next(each["name"] for each in spec["versions"] if each["storage"])
    names = spec["names"]
    scoped = spec["scope"] == "Namespaced"
    return Served(spec["group"], version, names["kind"], names["plural"], scoped)


def _schemas(crd: Crd) -> list[Any]:
    return [version.get("schema") for version in crd["spec"]["versions"]]


def _published(request: Request, served: Served) -> httpx.Response:
    return request("GET", f"/openapi/v3/apis/{served.api_version}")


def _usable(request: Request, served: Served, outdated: str) -> bool:
    """Each of these follows the CRD at its own pace."""
    discovery = request("GET", f"/apis/{served.api_version}")
    if not discovery.is_success or f'"{served.plural}"' not in discovery.text:
        return False
    openapi = _published(request, served)
    if not openapi.is_success or f'"{served.kind}"' not in openapi.text:
        return False
    if openapi.text == outdated:
        return False
    # 429 while the watch cache fills.
    if not request("GET", served.path("default"), params={"resourceVersion": "0"}).is_success:
        return False
    return _appliable(request, served)


def _appliable(request: Request, served: Served) -> bool:
    """A strict dry-run apply gets an answer about its content, be it a refusal."""
    name = "probe"
    probe = {"apiVersion": served.api_version, "kind": served.kind, "metadata": {"name": name}}
    answer = request(
        "PATCH",
        f"{served.path('default')}/{name}",
        params={"dryRun": "All", "fieldManager": _MANAGER, "fieldValidation": "Strict"},
        headers=_APPLY,
        json=probe,
    )
    return answer.is_success or answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
