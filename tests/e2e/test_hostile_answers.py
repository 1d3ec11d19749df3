"""Answers that lead elsewhere, never end, are too large, or carry secrets (0.2, 0.4, 0.5, D-17, D-18, D-20, D-24)."""

from __future__ import annotations

import gzip
import json
import zlib
from pathlib import Path
from typing import Any

import pytest

from tests.controlplane.plane import ControlPlane
from tests.e2e.hostile import admin, live, real, tells_nothing
from tests.faults.actions import (
    Action,
    Response,
    Rewrite,
    Say,
    Stall,
    failure,
    redirect,
    response,
    say,
)
from tests.faults.fleet import CLAUDE_KEY, GATEWAY_KEY, Fleet
from tests.faults.lists import LISTS
from tests.faults.proxy import Proxy
from tests.interpreters.clients import Client
from tests.world import CLAUDE

DRY_RUNS = r"providers/claude\?.*dryRun=All"
MEMORY = 256  # MiB
PLANTED = "qK4-nUx8Rz1mYwE7vTbL0dSg"


@pytest.mark.parametrize("code", [301, 307, 308])
def test_no_redirect_is_followed(
    tmp_path: Path, proxy: Proxy, control_plane: ControlPlane, client: Client, code: int
) -> None:
    """D-17: neither by a GET nor by a PATCH, whose body would go along."""
    fleet = Fleet.of(tmp_path / "config", ("get", "patch"), CLAUDE).founded(control_plane)
    home = tmp_path / "elsewhere"
    home.mkdir()
    with Proxy(control_plane.url, control_plane.ca_file, home).running() as elsewhere:
        away = redirect(f"{elsewhere.url}/take/it?all={PLANTED}", code)
        for name, rule in (("get", LISTS), ("patch", DRY_RUNS)):
            proxy.on("GET|PATCH", fleet.path(name, rule), away)
        # Trusted as the first: what keeps the command away is not the certificate.
        bundle = tmp_path / "both.pem"
        bundle.write_text(proxy.authority.read_text() + elsewhere.authority.read_text())
        kubeconfig = admin(proxy, control_plane)
        content = json.loads(kubeconfig.read_text())
        content["clusters"][0]["cluster"]["certificate-authority"] = str(bundle)
        kubeconfig.write_text(json.dumps(content))
        ran = fleet.run("diff", kubeconfig=kubeconfig, client=client)
        assert elsewhere.connections == 0
    assert (ran.code, ran.codes) == (5, {"get": 5, "patch": 5}), ran.stdout
    for name, rule in (("get", LISTS), ("patch", DRY_RUNS)):
        assert len(proxy.requests(path=fleet.path(name, rule))) == 1
    tells_nothing(ran, control_plane, PLANTED)


def packed(body: bytes, *encodings: str) -> Response:
    complete = response(200, body)
    headers = tuple(("Content-Encoding", encoding) for encoding in encodings)
    return Response(200, body, (*complete.headers, *headers))


def bomb() -> bytes:
    """200 MB, once unpacked."""
    stream = zlib.compressobj(1, wbits=31)
    spaces = b" " * 1_000_000
    parts = [stream.compress(spaces) for _ in range(200)]
    return b"".join([*parts, stream.flush()])


def test_what_is_packed_too_well_is_not_unpacked(
    tmp_path: Path, proxy: Proxy, control_plane: ControlPlane, client: Client
) -> None:
    """D-18: in all three at once, within the memory that one process may have."""
    small = json.dumps({"kind": "ProviderList"}).encode()
    five = small
    for _ in range(5):
        five = gzip.compress(five)
    answers = {
        "bomb": packed(bomb(), "gzip"),
        "chained": packed(five, *["gzip"] * 5),
        "listed": packed(five, "gzip, gzip, gzip, gzip, gzip"),
        "brotli": packed(small, "br"),
        "no-gzip": packed(small, "gzip"),
        "plain": response(200, b" " * (40 * 1024 * 1024)),
    }
    fleet = Fleet.of(tmp_path / "config", tuple(answers), CLAUDE)
    for name, answer in answers.items():
        proxy.on("GET", fleet.path(name, LISTS), Say(answer))
    ran = fleet.run("diff", kubeconfig=admin(proxy, control_plane), client=client)
    assert (ran.code, ran.codes) == (5, dict.fromkeys(answers, 5)), ran.stdout
    assert [len(proxy.requests("GET", fleet.path(n, LISTS))) for n in answers] == [1] * len(answers)
    assert "32 MiB" in ran.environment("bomb").problem
    assert "32 MiB" in ran.environment("plain").problem
    assert ran.peak < MEMORY


STALLS: dict[str, tuple[str, Action]] = {
    "silence": (LISTS, Stall()),
    "answered-never": (LISTS, Stall(forward=True)),
    "dripping-body": (LISTS, Stall(drip=0.5)),
    "dripping-header": (LISTS, Stall(drip=0.5, headers=True)),
    "dry-run": (DRY_RUNS, Stall(drip=0.5)),
}


@pytest.mark.slow
def test_no_answer_in_time_is_none(
    tmp_path: Path, proxy: Proxy, control_plane: ControlPlane, client: Client
) -> None:
    """0.2, D-24: every wait ends with the deadline, however lively the line; without it this would not end at all."""
    names = (*STALLS, "write")
    fleet = Fleet.of(tmp_path / "config", names, CLAUDE).founded(control_plane)
    for name, (path, stall) in STALLS.items():
        proxy.on("GET|PATCH", fleet.path(name, path), stall)
    proxy.on("PATCH", fleet.path("write", "providers/claude"), real(Stall(forward=True)))
    kubeconfig = admin(proxy, control_plane)
    # A deadline of each request: it is hundreds of times what one takes, on a busy machine too.
    ran = fleet.run("apply", "--full", "--timeout", "10", kubeconfig=kubeconfig, client=client)
    assert ran.codes == dict.fromkeys(STALLS, 5) | {"write": 6}, ran.stdout
    assert ran.code == 5
    for name, (path, _) in STALLS.items():
        assert len(proxy.requests("GET|PATCH", fleet.path(name, path))) == 1, name
    assert ran.environment("write").results == {"claude": "failed"}
    assert len(proxy.writes(fleet.path("write", "providers"))) == 1
    proxy.calm()
    again = fleet.run("apply", kubeconfig=kubeconfig, client=client)
    assert again.codes == dict.fromkeys(names, 0), again.stdout
    assert live(control_plane, fleet, "write")["metadata"]["generation"] == 1


def warned(*texts: str) -> Rewrite:
    """The server's answer with warnings (RFC 7234)."""

    def change(answer: Response) -> Response:
        more = tuple(("Warning", f'299 - "{text}"') for text in texts)
        return Response(answer.status, answer.body, (*answer.headers, *more))

    return Rewrite(change)


def test_warnings_are_shown_escaped_redacted_and_capped(
    tmp_path: Path, proxy: Proxy, control_plane: ControlPlane, client: Client
) -> None:
    """D-20. A header beyond 64 KiB is no header for an HTTP client: then there was no answer."""
    token = control_plane.admin_token
    texts = {
        "plain": [f"spec.model is deprecated \x1b[31m{CLAUDE_KEY} {token}"],
        "cut": [f"{'y' * 290} {GATEWAY_KEY} {CLAUDE_KEY}"],
        "long": ["x" * 60_000],
        "many": [f"number {number} of these" for number in range(90)],
        "endless": ["x" * 1024 * 1024],
    }
    fleet = Fleet.of(tmp_path / "config", tuple(texts)).founded(control_plane)
    for name, lines in texts.items():
        proxy.on("PATCH", fleet.path(name, "providers/claude"), real(warned(*lines)))
    ran = fleet.run("apply", kubeconfig=admin(proxy, control_plane), client=client)
    assert ran.codes == dict.fromkeys(texts, 0), ran.stdout
    tells_nothing(ran, control_plane)
    shown = {name: ran.environment(name).outcome("claude")["warnings"] for name in texts}
    assert shown["plain"] == ["spec.model is deprecated \\x1b[31m(redacted) (redacted)"]
    assert len(shown["many"]) == 20
    assert all(len(text) <= 300 for lines in shown.values() for text in lines)
    assert "spec.model is deprecated" in ran.stdout


ERRORS: dict[str, tuple[str, int, str, int, str | None]] = {
    # Where, status and reason; the exit code and what becomes of claude.
    "list": (LISTS, 500, "InternalError", 5, None),
    "dry-run-invalid": (DRY_RUNS, 422, "Invalid", 6, "skipped"),
    "dry-run-failed": (DRY_RUNS, 500, "", 6, "skipped"),
    "dry-run-denied": (DRY_RUNS, 403, "Forbidden", 6, "skipped"),
    "dry-run-bad": (DRY_RUNS, 400, "BadRequest", 6, "skipped"),
    "secret": ("secrets/claude", 500, "InternalError", 6, "created"),
    "apply-invalid": (r"providers/claude\?(?!.*dryRun)", 422, "Invalid", 6, "skipped"),
    "apply-stale": (r"providers/claude\?(?!.*dryRun)", 409, "Conflict", 8, "refused"),
    "record": ("configmaps/", 500, "InternalError", 5, None),
}


def echo(code: int, reason: str, *values: str) -> dict[str, Any]:
    """A Status that repeats what it should not, whole, cut by any limit, and in every place for a word."""
    said = f"{'y' * 270} {' '.join(values)} \x1b]0;x\x07 \u202e::add-mask::{values[0]}"
    cause = {"reason": said, "message": said, "field": said}
    return failure(code, reason, said, causes=[cause], name="claude", kind="providers")


def test_no_secret_of_an_error_is_repeated(
    tmp_path: Path, proxy: Proxy, control_plane: ControlPlane, client: Client
) -> None:
    """0.5, T-19: every error of the server repeats the token; those after the Secrets were read, their values too."""
    fleet = Fleet.of(tmp_path / "config", tuple(ERRORS)).founded(control_plane)
    token = control_plane.admin_token
    for name, (path, code, reason, _, _) in ERRORS.items():
        values = (token,) if name == "list" else (token, CLAUDE_KEY, GATEWAY_KEY)
        proxy.on("GET|PATCH|PUT", fleet.path(name, path), say(code, echo(code, reason, *values)))
    kubeconfig = admin(proxy, control_plane)
    ran = fleet.run("apply", "--full", "--color", "never", kubeconfig=kubeconfig, client=client)
    for name, (*_, exit_code, result) in ERRORS.items():
        environment = ran.environment(name)
        assert (ran.codes[name], environment.results.get("claude")) == (exit_code, result), name
        assert "(redacted)" in json.dumps(environment.body), f"{name}: what the server said"
    tells_nothing(ran, control_plane)
    assert "\u202e" not in ran.everything
    assert not any(line.startswith("::") for line in ran.stdout.splitlines())


@pytest.mark.parametrize(
    ("user", "code", "message"),
    [
        ({"token": f"{PLANTED}\nx"}, 5, "the token holds a line break"),
        ({"token": f"{PLANTED}é"}, 5, "or another character that no token has"),
        (
            {"client-key-data": PLANTED, "client-certificate-data": PLANTED},
            2,
            "the context proxy cannot be used",
        ),
        ({"username": "x", "password": PLANTED, "token": 5}, 5, "does not accept the credentials"),
    ],
    ids=["line-break", "no-ascii", "no-key", "wrong-type"],
)
def test_credentials_that_cannot_be_sent_are_not_told(
    tmp_path: Path,
    proxy: Proxy,
    control_plane: ControlPlane,
    client: Client,
    user: Any,
    code: int,
    message: str,
) -> None:
    """0.5: exceptions of libraries quote them."""
    fleet = Fleet.of(tmp_path / "config", ("one",), CLAUDE)
    ran = fleet.run("diff", kubeconfig=proxy.kubeconfig(user), client=client)
    assert ran.code == code, ran.stdout
    assert message in ran.environment("one").problem
    tells_nothing(ran, control_plane, PLANTED)
