"""Lists that break or lie (D-11 to D-16): exit 5, nothing written, and nothing taken for deleted."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.controlplane.plane import ControlPlane
from tests.e2e.hostile import admin, tells_nothing
from tests.faults.actions import Framing, Say, response
from tests.faults.fleet import Fleet
from tests.faults.lists import (
    GONE,
    LIES,
    LISTS,
    NEXT_PAGES,
    PAGES,
    SIZE,
    Body,
    action,
    cuts,
    page,
    paged,
)
from tests.faults.proxy import Proxy
from tests.interpreters.clients import NEWEST, Client
from tests.world import CLAUDE

OTHER = CLAUDE.replace("name: claude\n", "name: other\n", 1)
# One of each row, for the command that writes and both clients.
SAMPLE = {
    "html": LIES["D-12"]["html"],
    "items-null": LIES["D-13 fields"]["items-null"],
    "braces": LIES["D-13"]["braces"],
    "more-but-no-token": LIES["D-14"]["more-but-no-token"],
    "other-namespace": LIES["D-15"]["other-namespace"],
}
SAMPLE_PAGES = {
    "expired-always": PAGES["D-11"]["expired-always"],
    "page-dropped": PAGES["D-14"]["page-dropped"],
    "circle": PAGES["D-14"]["circle"],
}
GOOD_PAGES = ("two-pages", "expired-once")


def two(namespace: str, size: int = 0) -> Body:
    """A list as a server would give it."""
    items = [
        {
            "apiVersion": "omnia.altairalabs.ai/v1alpha1",
            "kind": "Provider",
            "metadata": {
                "name": name,
                "namespace": namespace,
                "uid": f"uid-{name}",
                "resourceVersion": "7",
                "annotations": {"note": "x" * (size // 2)},
            },
            "spec": {"type": "claude", "model": "claude-sonnet-4-5"},
        }
        for name in ("claude", "other")
    ]
    return {
        "apiVersion": "omnia.altairalabs.ai/v1alpha1",
        "kind": "ProviderList",
        "metadata": {"resourceVersion": "9"},
        "items": items,
    }


def refused(fleet: Fleet, proxy: Proxy, plane: ControlPlane, client: Client) -> None:
    """Every environment of the fleet ends with 5; its namespace is not there, so that one that went on ended with 6."""
    ran = fleet.run("diff", kubeconfig=admin(proxy, plane), client=client)
    assert ran.codes == dict.fromkeys(fleet.names, 5), ran.stdout
    assert not proxy.requests("(?!GET).*"), "nothing was asked of a server that lies"
    assert not proxy.requests(path="inconsistent")
    tells_nothing(ran, plane)


def pages_asked(fleet: Fleet, proxy: Proxy) -> dict[str, int]:
    """How many pages were asked for."""
    return {name: len(proxy.requests("GET", fleet.path(name, LISTS))) for name in fleet.names}


@pytest.mark.parametrize("row", LIES)
def test_an_answer_that_is_no_list(
    tmp_path: Path, proxy: Proxy, control_plane: ControlPlane, row: str
) -> None:
    fleet = Fleet.of(tmp_path / "config", tuple(LIES[row]), CLAUDE, OTHER)
    for name, lie in LIES[row].items():
        proxy.on("GET", fleet.path(name, LISTS), action(lie, two(fleet.namespaces[name])))
    refused(fleet, proxy, control_plane, NEWEST)
    assert pages_asked(fleet, proxy) == dict.fromkeys(fleet.names, 1)


@pytest.mark.parametrize("row", PAGES)
def test_pages_that_are_no_list(
    tmp_path: Path, proxy: Proxy, control_plane: ControlPlane, row: str
) -> None:
    fleet = Fleet.of(tmp_path / "config", tuple(PAGES[row]), CLAUDE, OTHER)
    for name, second in PAGES[row].items():
        proxy.on("GET", fleet.path(name, LISTS), paged(second, two(fleet.namespaces[name])))
    refused(fleet, proxy, control_plane, NEWEST)
    assert pages_asked(fleet, proxy) == {n: 4 if n == "expired-always" else 2 for n in fleet.names}


@pytest.mark.parametrize("framing", Framing)
def test_a_list_that_is_cut_anywhere(
    tmp_path: Path, proxy: Proxy, control_plane: ControlPlane, client: Client, framing: Framing
) -> None:
    scripts = cuts(framing)
    fleet = Fleet.of(tmp_path / "config", tuple(scripts), CLAUDE, OTHER)
    for name, script in scripts.items():
        complete = response(200, two(fleet.namespaces[name], SIZE))
        path = fleet.path(name, LISTS)
        for number, cut in enumerate(script, 1):
            proxy.on("GET", path, replace(cut, response=complete), first=number, times=1)
        proxy.on("GET", path, Say(complete), first=len(script) + 1)
    refused(fleet, proxy, control_plane, client)
    assert pages_asked(fleet, proxy) == {name: len(script) for name, script in scripts.items()}


def test_the_same_list_uncut_is_believed(
    tmp_path: Path, proxy: Proxy, control_plane: ControlPlane
) -> None:
    """Else the tests above would prove nothing: it goes on, to a namespace that is not there."""
    fleet = Fleet.of(tmp_path / "config", tuple(Framing), CLAUDE, OTHER)
    for framing in Framing:
        complete = response(200, two(fleet.namespaces[framing], SIZE))
        proxy.on("GET", fleet.path(framing, LISTS), Say(complete, framing=framing))
    ran = fleet.run("diff", kubeconfig=admin(proxy, control_plane))
    assert ran.codes == dict.fromkeys(Framing, 6)


@pytest.fixture(scope="module")
def applied(control_plane: ControlPlane, tmp_path_factory: pytest.TempPathFactory) -> Fleet:
    """Applied once, and then changed in git; every run below is refused, or only looks."""
    root = tmp_path_factory.mktemp("lists") / "config"
    names = (*SAMPLE, *SAMPLE_PAGES, *GOOD_PAGES)
    fleet = Fleet.of(root, names, CLAUDE, OTHER).founded(control_plane)
    ran = fleet.run("apply", kubeconfig=control_plane.kubeconfig)
    assert ran.code == 0, ran.stdout
    fleet.edit_values("claude-sonnet-4-5", "claude-opus-4-1")
    return fleet


def test_nothing_is_written_where_the_list_is_none(
    applied: Fleet, proxy: Proxy, control_plane: ControlPlane, client: Client
) -> None:
    for name, lie in SAMPLE.items():
        proxy.on("GET", applied.path(name, LISTS), action(lie))
    for name, second in SAMPLE_PAGES.items():
        proxy.on("GET", applied.path(name, LISTS), paged(second))
    bad = (*SAMPLE, *SAMPLE_PAGES)
    mark = control_plane.audit.mark()
    ran = applied.run("apply", *bad, kubeconfig=admin(proxy, control_plane), client=client)
    assert (ran.code, ran.codes) == (5, dict.fromkeys(bad, 5)), ran.stdout
    assert proxy.writes() == []
    assert applied.written(control_plane, mark) == []
    assert not proxy.requests(path="inconsistent")


def test_pages_are_one_list_and_one_that_expires_begins_again(
    applied: Fleet, proxy: Proxy, control_plane: ControlPlane, client: Client
) -> None:
    proxy.on("GET", applied.path("expired-once", NEXT_PAGES), GONE, times=1)
    for name in GOOD_PAGES:
        second = paged(lambda body: page(body, body["items"][1:]))
        proxy.on("GET", applied.path(name, LISTS), second)
    ran = applied.run("diff", *GOOD_PAGES, kubeconfig=admin(proxy, control_plane), client=client)
    assert ran.codes == dict.fromkeys(GOOD_PAGES, 1), ran.stdout
    for name in GOOD_PAGES:
        assert ran.environment(name).states == {"claude": "changed", "other": "changed"}
    counts = pages_asked(applied, proxy)
    assert (counts["two-pages"], counts["expired-once"]) == (2, 4)
    assert not proxy.requests(path="inconsistent")
