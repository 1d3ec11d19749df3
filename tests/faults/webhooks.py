"""An admission webhook of a namespace: served on the loopback, and registered with the API server."""

from __future__ import annotations

import base64
import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import trustme

from tests.controlplane.plane import ControlPlane

# What a webhook says about the object of a review.
Answer = Callable[[dict[str, Any]], dict[str, Any]]
_GROUPS = ["omnia.altairalabs.ai", "agent.flokoa.ai"]


class Webhooks:
    """`/NAME` is answered by the answer of that name; a name without one is never answered."""

    def __init__(self, answers: dict[str, Answer]) -> None:
        self._answers = answers
        self._stopping = threading.Event()
        authority = trustme.CA()
        self._authority = base64.b64encode(authority.cert_pem.bytes()).decode()
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("127.0.0.1").configure_cert(tls)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)

    def register(
        self, plane: ControlPlane, namespace: str, name: str, *, mutating: bool = False, **more: Any
    ) -> None:
        """Have the API server ask `/NAME` about each write of a provider or model in a namespace."""
        kind = "MutatingWebhookConfiguration" if mutating else "ValidatingWebhookConfiguration"
        url = f"https://127.0.0.1:{self._server.server_port}/{name}"
        webhook = {
            "name": f"{name}.webhooks.test",
            "clientConfig": {"url": url, "caBundle": self._authority},
            "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}},
            "rules": [
                {
                    "apiGroups": _GROUPS,
                    "apiVersions": ["*"],
                    "operations": ["CREATE", "UPDATE"],
                    "resources": ["*"],
                    # A selector of namespaces selects every object that is in none.
                    "scope": "Namespaced",
                }
            ],
            "admissionReviewVersions": ["v1"],
            "sideEffects": "None",
            "timeoutSeconds": 1,
        }
        body = {
            "apiVersion": "admissionregistration.k8s.io/v1",
            "kind": kind,
            "metadata": {"name": f"{name}-{namespace}"},
            "webhooks": [webhook | more],
        }
        plane.apply(json.dumps(body))

    @contextmanager
    def running(self) -> Iterator[Webhooks]:
        thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        )
        thread.start()
        try:
            yield self
        finally:
            self._stopping.set()
            self._server.shutdown()
            self._server.server_close()
            thread.join()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        answers, stopping = self._answers, self._stopping

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                review = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                answer = answers.get(self.path.partition("?")[0].strip("/"))
                if answer is None:
                    stopping.wait()
                    return
                request = review["request"]
                response = {"uid": request["uid"], "allowed": True} | answer(request["object"])
                raw = json.dumps(
                    {
                        "apiVersion": review["apiVersion"],
                        "kind": review["kind"],
                        "response": response,
                    }
                ).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)

            def log_message(self, *_: object) -> None:
                pass

        return Handler


def patched(field: str, value: object) -> dict[str, Any]:
    """The answer of a mutating webhook that sets one field."""
    patch = [{"op": "add", "path": field, "value": value}]
    return {
        "patchType": "JSONPatch",
        "patch": base64.b64encode(json.dumps(patch).encode()).decode(),
    }
