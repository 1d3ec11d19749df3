"""One request: what goes out, and which answers are believed."""

from __future__ import annotations

import gzip
import json
import tracemalloc

import pytest

from reconciler.adapters.kubernetes import KubernetesCluster
from reconciler.adapters.redactor import SecretRedactor
from reconciler.errors import BadAnswer, ClusterError, RefusalReason, Refused, Unreachable
from reconciler.model.document import Document
from tests.adapters.kubernetes.conftest import TOKEN, Connect
from tests.adapters.kubernetes.hostile import Hostile, Say, gzipped
from tests.adapters.kubernetes.objects import THING, THINGS, status, thing


def test_what_goes_out(server: Hostile, cluster: KubernetesCluster) -> None:
    server.answers(Say(body=thing()))
    cluster.apply(THINGS, THING, manager="us", dry_run=True)
    (request,) = server.requests
    assert request.method == "PATCH"
    assert request.path == (
        "/apis/example.org/v1/namespaces/llm/things/one"
        "?fieldManager=us&force=false&fieldValidation=Strict&dryRun=All"
    )
    assert request.headers["Authorization"] == f"Bearer {TOKEN}"
    assert request.headers["Content-Type"] == "application/apply-patch+yaml"
    assert request.headers["User-Agent"].startswith("provider-reconciler/")
    assert json.loads(request.body) == THING.body()


def test_impersonation_is_honoured(server: Hostile, connect: Connect) -> None:
    server.answers(Say(body=thing()))
    connect({"token": TOKEN, "as": "jane", "as-groups": ["viewers"]}).get(THINGS, "llm", "one")
    assert server.requests[0].headers["Impersonate-User"] == "jane"
    assert server.requests[0].headers["Impersonate-Group"] == "viewers"


def test_connections_are_used_again(server: Hostile, cluster: KubernetesCluster) -> None:
    body = json.dumps(thing()).encode()
    packed = Say(body=gzip.compress(body), headers={"Content-Encoding": "gzip"})
    missing = Say(404, status(404, "NotFound", "gone", name="one"))
    for say in (Say(body=body), packed, missing, Say(body=body)):
        server.answers(say)
        cluster.get(THINGS, "llm", "one")
        cluster.get(THINGS, "llm", "one")
    assert len(server.requests) == 8
    assert server.connections == 1


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(server: Hostile, cluster: KubernetesCluster, code: int) -> None:
    server.answers(Say(code, headers={"Location": f"{server.url}/elsewhere"}), Say(body=thing()))
    with pytest.raises(BadAnswer):
        cluster.get(THINGS, "llm", "one")
    server.answers(Say(code, headers={"Location": f"{server.url}/elsewhere"}), Say(body=thing()))
    with pytest.raises(BadAnswer):
        cluster.apply(THINGS, THING, manager="us")
    assert not any("elsewhere" in request.path for request in server.requests)
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    "say",
    [
        Say(body=b"<html>", content_type="text/html"),
        Say(body=b"{}", content_type="text/plain"),
        Say(body=b""),
        Say(body=b'{"kind": "Thing"'),
        Say(body=b'{"metadata": NaN}'),
        pytest.param(Say(body=b"[" * 100_000), marks=pytest.mark.exhausts_stack),
        Say(body=[]),
        Say(body={}),
        Say(body=thing("two")),
        Say(body=thing(namespace="other")),
        Say(body=thing() | {"kind": "Other"}),
        Say(204, body=b""),
        Say(body=thing(), headers={"Content-Encoding": "br"}),
        Say(body=thing(), headers={"Content-Encoding": "gzip, gzip, gzip, gzip, gzip"}),
        Say(body=thing(), headers={"Content-Encoding": "gzip"}),
    ],
)
def test_an_answer_that_is_not_the_object(
    server: Hostile, cluster: KubernetesCluster, say: Say
) -> None:
    server.answers(say)
    with pytest.raises(BadAnswer):
        cluster.get(THINGS, "llm", "one")
    with pytest.raises(BadAnswer):
        cluster.apply(THINGS, THING, manager="us")
    assert len(server.requests) == 2


def test_an_answer_about_an_object_with_another_uid(
    server: Hostile, cluster: KubernetesCluster
) -> None:
    server.answers(Say(body=thing(uid="theirs")))
    with pytest.raises(BadAnswer):
        cluster.apply(THINGS, Document.of(thing(uid="ours")), manager="us")


def test_a_failure_with_status_200(server: Hostile, cluster: KubernetesCluster) -> None:
    server.answers(Say(200, status(500, "InternalError", "no")))
    with pytest.raises(Refused) as caught:
        cluster.apply(THINGS, THING, manager="us")
    assert caught.value.reason is RefusalReason.FAILED


def test_gzip_is_decoded(server: Hostile, cluster: KubernetesCluster) -> None:
    body = gzip.compress(json.dumps(thing()).encode())
    server.answers(Say(body=body, headers={"Content-Encoding": "gzip"}))
    assert cluster.get(THINGS, "llm", "one") == THING


def test_a_gzip_bomb_is_not_unpacked(server: Hostile, cluster: KubernetesCluster) -> None:
    server.answers(Say(body=gzipped(200_000_000), headers={"Content-Encoding": "gzip"}))
    tracemalloc.start()
    try:
        with pytest.raises(BadAnswer, match="32 MiB"):
            cluster.get(THINGS, "llm", "one")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 100_000_000, "bytes; the answer unpacked would take 200 million"


def test_an_answer_that_is_too_large(server: Hostile, cluster: KubernetesCluster) -> None:
    server.answers(Say(body=b" " * (33 * 1024 * 1024)))
    with pytest.raises(BadAnswer, match="32 MiB"):
        cluster.get(THINGS, "llm", "one")


@pytest.mark.parametrize("length", ["\u00b2", "x", "-1", "1e3", "9" * 5000])
def test_a_length_that_is_no_number(
    server: Hostile, cluster: KubernetesCluster, length: str
) -> None:
    server.answers(Say(body=thing(), length=length))
    assert cluster.get(THINGS, "llm", "one") == THING


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("packed", [False, True])
def test_a_body_that_breaks_off_anywhere(
    server: Hostile, cluster: KubernetesCluster, chunked: bool, packed: bool
) -> None:
    content = json.dumps(thing(annotations={"x": "y" * 5000})).encode()
    body = gzip.compress(content) if packed else content
    headers = {"Content-Encoding": "gzip"} if packed else {}
    for cut in {0, 1, *range(0, len(body), 1024), len(body) - 1}:
        server.answers(Say(body=body, cut=cut, chunked=chunked, headers=headers))
        with pytest.raises(Unreachable):
            cluster.create(THINGS, THING)


@pytest.mark.parametrize(
    "say", [Say(drip=0.01, body=thing()), Say(drip=0.01, drip_headers=True), Say(wait=60)]
)
def test_the_deadline_is_kept_whatever_drips(server: Hostile, connect: Connect, say: Say) -> None:
    server.answers(say)
    with pytest.raises(Unreachable):
        connect(timeout=0.3).get(THINGS, "llm", "one")


def test_warnings_are_read_and_made_fit(
    server: Hostile, cluster: KubernetesCluster, redactor: SecretRedactor
) -> None:
    redactor.register(b"sk-canary-in-a-warning")
    text = '299 - "unknown \\"field\\" sk-canary-in-a-warning \x1b[31m ' + "x " * 2500 + '"'
    server.answers(Say(body=thing(), headers={"Warning": text}))
    (warning,) = cluster.apply(THINGS, THING, manager="us").warnings
    assert warning.startswith('unknown "field" (redacted) \\x1b[31m x x')
    assert len(warning) <= 300


@pytest.mark.parametrize("code", [400, 403, 404, 409, 422, 500])
def test_no_secret_of_a_message_is_repeated(
    server: Hostile, cluster: KubernetesCluster, redactor: SecretRedactor, code: int
) -> None:
    redactor.register(b"sk-canary-in-a-status")
    said = f"{'x' * 290} sk-canary-in-a-status {TOKEN} \x1b]0;title\x07"
    server.answers(
        Say(code, status(code, "", said, causes=[{"message": said, "field": said, "reason": said}]))
    )
    with pytest.raises(ClusterError) as caught:
        cluster.create(THINGS, THING)
    assert "canary" not in repr(caught.value) + repr(getattr(caught.value, "causes", ()))
    assert "\x1b" not in str(caught.value)
    assert len(caught.value.message) < 400


def test_every_conflict_is_kept_as_the_server_names_it(
    server: Hostile, cluster: KubernetesCluster, redactor: SecretRedactor
) -> None:
    """A conflict that is left out or cut would not keep an apply from taking the field by force."""
    redactor.register(b"team-b-manager")
    fields = [f".spec.headers.{'X' * 300}-{number}" for number in range(250)]
    message = 'conflict with "team-b-manager" using example.org/v1'
    causes = [{"reason": "FieldManagerConflict", "field": f, "message": message} for f in fields]
    server.answers(Say(409, status(409, "Conflict", "Apply failed", causes=causes)))
    with pytest.raises(Refused) as caught:
        cluster.apply(THINGS, THING, manager="us")
    assert [(c.field, c.manager) for c in caught.value.causes] == [
        (field, "team-b-manager") for field in fields
    ]
    assert "team-b-manager" not in caught.value.causes[0].message
