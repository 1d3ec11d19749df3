"""What the command asks and how often, when a server is busy, failing, or does not know it (0.1, 0.2, D-01 to D-07)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.controlplane.plane import ControlPlane
from tests.e2e.hostile import admin, tells_nothing
from tests.faults import in_cluster
from tests.faults.actions import Action, Request, failure, say
from tests.faults.fleet import CLAUDE_KEY, GATEWAY_KEY, Fleet
from tests.faults.leaks import leaks
from tests.faults.lists import LISTS
from tests.faults.proxy import Proxy
from tests.interpreters.clients import Client
from tests.world import CLAUDE

BUSY = say(429, failure(429, "TooManyRequests", "busy", retryAfterSeconds=1), retry_after="1")
OBJECTS = r"/(providers|modelproviders|models)/"
LAST_ATTEMPT = 4


def every(*actions: Action) -> dict[int, Action]:
    return dict(enumerate(actions, 1))


def test_every_request_says_who_asks(
    tmp_path: Path, proxy: Proxy, control_plane: ControlPlane, client: Client
) -> None:
    """0.1: the header is looked for on the wire; 36.0.0 had forgotten it."""
    fleet = Fleet.of(tmp_path / "config", ("one",)).founded(control_plane)
    ran = fleet.run("apply", kubeconfig=admin(proxy, control_plane), client=client)
    assert ran.code == 0, ran.stdout
    bearer = f"Bearer {control_plane.admin_token}"
    assert {each.request.headers.get("authorization") for each in proxy.log} == {bearer}
    assert all(each.request.headers["accept"] == "application/json" for each in proxy.log)
    tells_nothing(ran, control_plane)


def test_a_pod_says_who_asks(
    tmp_path: Path, proxy: Proxy, control_plane: ControlPlane, client: Client
) -> None:
    """0.1, with the account of a pod in place of a kubeconfig."""
    fleet = Fleet.of(tmp_path / "config", ("one",)).founded(control_plane)
    pod = in_cluster.pod(tmp_path, proxy, control_plane.admin_token)
    ran = fleet.run("diff", **pod.environ, client=pod.client(client))
    assert ran.code == 1, ran.stdout + ran.stderr
    assert ran.environment("one")["cluster"]["name"] == "in-cluster"
    bearer = f"bearer {control_plane.admin_token}"
    assert {each.request.headers["authorization"].lower() for each in proxy.log} == {bearer}


def test_a_busy_server_is_waited_for(
    tmp_path: Path, proxy: Proxy, control_plane: ControlPlane, client: Client
) -> None:
    """D-01: three writes are put off, and no request is sent but those that are asked for."""
    fleet = Fleet.of(tmp_path / "config", ("put-off", "always")).founded(control_plane)
    never = say(429, failure(429, "TooManyRequests", "busy"), retry_after="0")
    proxy.on("GET", fleet.path("always", LISTS), never)
    for write in ("POST", "PUT", "PATCH"):
        proxy.on(write, fleet.path("put-off"), BUSY, times=1)
    ran = fleet.run("apply", kubeconfig=admin(proxy, control_plane), client=client)
    assert ran.codes == {"put-off": 0, "always": 5}, ran.stdout
    assert len(proxy.requests("GET", fleet.path("always", LISTS))) == 10
    mine = proxy.requests(path=fleet.path("put-off"))
    refused = [each for each in mine if each.said == 429]
    assert [each.request.method for each in refused] == ["POST", "PATCH", "PUT"]
    # The first apply reads the Secrets again, once it has made the key that their fingerprints need.
    requests = [
        (each.request.method, each.request.path)
        for each in mine
        if each.said != 429
        and not (each.request.method == "GET" and "/secrets/" in each.request.path)
    ]
    again = {request for request in requests if requests.count(request) > 1}
    assert [method for method, path in again if "/configmaps/" in path] == ["GET"], "under the lock"
    assert len(again) == 1, "nothing else was asked twice"
    assert len([each for each in mine if each.request.writes and each.said != 429]) == 8


def test_how_long_a_server_may_ask_to_wait(
    tmp_path: Path, proxy: Proxy, control_plane: ControlPlane, client: Client
) -> None:
    """D-02: a wait that would end after the deadline is not begun; what is no number is no wait."""
    said = {
        "day": "86400",
        "negative": "-5",
        "date": "Wed, 21 Oct 2099 07:28:00 GMT",
        "word": "abc",
    }
    fleet = Fleet.of(tmp_path / "config", tuple(said), CLAUDE)
    for name, text in said.items():
        busy = say(429, failure(429, "TooManyRequests", "busy"), retry_after=text)
        proxy.on("GET", fleet.path(name, LISTS), busy)
    ran = fleet.run(
        "diff", "--timeout", "25", kubeconfig=admin(proxy, control_plane), client=client
    )
    assert (ran.code, ran.codes) == (5, dict.fromkeys(said, 5)), ran.stdout
    counts = {name: len(proxy.requests("GET", fleet.path(name, LISTS))) for name in said}
    assert counts == {
        "day": 1,
        "negative": LAST_ATTEMPT,
        "date": LAST_ATTEMPT,
        "word": LAST_ATTEMPT,
    }


@pytest.mark.slow
def test_a_server_that_asks_for_a_day_gets_thirty_seconds(
    tmp_path: Path, proxy: Proxy, control_plane: ControlPlane
) -> None:
    """D-02: it comes back in time, and is answered. The wait is the test's cost; the policy is not the client's."""
    fleet = Fleet.of(tmp_path / "config", ("day",), CLAUDE).founded(control_plane)
    busy = say(429, failure(429, "TooManyRequests", "busy"), retry_after="86400")
    proxy.on("GET", fleet.path("day", LISTS), busy, times=1)
    ran = fleet.run("diff", "--timeout", "60", kubeconfig=admin(proxy, control_plane))
    assert ran.code == 1, ran.stdout
    assert len(proxy.requests("GET", fleet.path("day", LISTS))) == 2


HTML = b"<html><h1>Qz7-vR2kX9wLmT4yBd83</h1></html>"
FAILING = {
    "500": say(500, failure(500, "InternalError", "etcd")),
    "502": say(502, HTML, "text/html"),
    "503": say(503, HTML, "text/html"),
    "504": say(504, failure(504, "Timeout", "took too long")),
}


def test_a_server_that_fails_once_and_one_that_fails_always(
    tmp_path: Path, proxy: Proxy, control_plane: ControlPlane, client: Client
) -> None:
    """D-03, D-05: asked again, and then 5; what a load balancer says is not printed."""
    names = tuple(f"{often}-{code}" for often in ("once", "always") for code in FAILING)
    fleet = Fleet.of(tmp_path / "config", names, CLAUDE)
    for name in names:
        often, _, code = name.partition("-")
        times = 1 if often == "once" else 1000
        proxy.on("GET", fleet.path(name, LISTS), FAILING[code], times=times)
    ran = fleet.run("diff", kubeconfig=admin(proxy, control_plane), client=client)
    # Those that come through meet a namespace that is not there.
    assert ran.codes == {name: 6 if name.startswith("once") else 5 for name in names}, ran.stdout
    for name in names:
        requests = len(proxy.requests("GET", fleet.path(name, LISTS)))
        assert requests == (2 if name.startswith("once") else LAST_ATTEMPT), name
    assert not leaks(ran.everything, [HTML.decode()])


def test_a_token_that_expires_in_the_middle(
    tmp_path: Path, proxy: Proxy, control_plane: ControlPlane, client: Client
) -> None:
    """D-06: the file is read again once, and the run goes on as the new account."""
    fleet = Fleet.of(tmp_path / "config", ("one",)).founded(control_plane)
    grant_all(control_plane, fleet.namespaces["one"])
    old, new = control_plane.admin_token, control_plane.token_for("apply-runner")
    file = tmp_path / "token"
    file.write_text(f"{old}\n")  # with the line break that editors add

    def expired(request: Request) -> Action | None:
        if "/leases" in request.path:  # the lock is taken before the first list
            return None
        if file.read_text() != new:  # once: the command reads it while another list is refused
            file.write_text(new)
        known = request.headers["authorization"] == f"Bearer {new}"
        return None if known else say(401, failure(401, "Unauthorized", f"Unauthorized {old}"))

    proxy.on("GET", LISTS, expired)
    proxy.on("(?!GET).*", "", expired)
    ran = fleet.run("apply", kubeconfig=proxy.kubeconfig({"tokenFile": str(file)}), client=client)
    assert ran.code == 0, ran.stdout
    tells_nothing(ran, control_plane, new)
    bearers = [each.request.headers["authorization"] for each in proxy.log]
    switch = bearers.index(f"Bearer {new}")
    assert set(bearers[:switch]) == {f"Bearer {old}"}
    refused = [each for each in proxy.log if each.said == 401]
    assert all(each.request.headers["authorization"] == f"Bearer {old}" for each in refused)
    # Two lists are under way at once; whoever is refused first reads the file, once for all.
    assert [each.request.method for each in refused] in (["GET"], ["GET", "GET"])


def test_a_token_that_stays_expired(
    tmp_path: Path, proxy: Proxy, control_plane: ControlPlane, client: Client
) -> None:
    """D-06: each request is repeated once, and then it is 5."""
    fleet = Fleet.of(tmp_path / "config", ("one",), CLAUDE)
    token = tmp_path / "token"
    token.write_text("qK4-nUx8Rz1mYwE7vTbL0dSg")
    ran = fleet.run("diff", kubeconfig=proxy.kubeconfig({"tokenFile": str(token)}), client=client)
    assert ran.code == 5, ran.stdout
    assert [each.code for each in proxy.log] == [401, 401]
    tells_nothing(ran, control_plane, "qK4-nUx8Rz1mYwE7vTbL0dSg")


def test_what_is_forbidden_stops_only_itself(
    tmp_path: Path, proxy: Proxy, control_plane: ControlPlane, client: Client
) -> None:
    """D-07: an object fails, the rest is applied, 6; a Secret is forbidden, and not missing."""
    fleet = Fleet.of(tmp_path / "config", ("object", "secret")).founded(control_plane)
    no = f'User "x" cannot patch resource; {CLAUDE_KEY} {"y" * 260} {GATEWAY_KEY}'
    forbidden = say(403, failure(403, "Forbidden", no))
    proxy.on("PATCH", fleet.path("object", r"providers/claude\?(?!.*dryRun)"), forbidden)
    proxy.on("GET", fleet.path("secret", "secrets/claude"), forbidden)
    ran = fleet.run("apply", kubeconfig=admin(proxy, control_plane), client=client)
    assert ran.codes == {"object": 6, "secret": 0}, ran.stdout
    assert ran.environment("object").results == {
        "claude": "skipped",
        "gateway": "created",
        "fast": "created",
    }
    assert len(proxy.writes(fleet.path("object", "providers/"))) == 1
    rows = ran.environment("secret")["secrets"]
    states = {row["reference"]["name"]: row["reading"]["state"] for row in rows}
    assert states == {"claude": "forbidden", "gateway": "ok"}
    assert set(ran.environment("secret").results.values()) == {"created"}
    tells_nothing(ran, control_plane)
    proxy.calm()
    again = fleet.run("apply", kubeconfig=admin(proxy, control_plane), client=client)
    assert again.codes == {"object": 0, "secret": 0}


def grant_all(plane: ControlPlane, namespace: str) -> None:
    plane.kubectl(
        "create", "rolebinding", "all", "-n", namespace, "--clusterrole=cluster-admin",
        "--user=apply-runner",
    )  # fmt: skip
