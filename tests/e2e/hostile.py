"""What the tests of a hostile wire share.

Each guard was taken out of the product by hand, and the tests run (`test_hostile_*.py`, by their last word):

| taken out | fails |
|---|---|
| lists: items that are none, remainingItemCount without a token, namespace of an item | lists D-13, D-14, D-15 |
| lists: an announced page is empty; a 410 begins again | lists D-14, D-11 |
| wire: `retries=False`; with it `redirect=False` | requests (counts), answers (redirect) |
| wire: 32 MiB; deadline: the caller stops waiting | answers (packed), answers (hangs) |
| retry: 30 s at most; no wait beyond the deadline | requests (thirty, how long) |
| retry: POST and PUT are sent once; a doubtful 409 is looked into | writes (first apply, forced) |
| api: an answer must hold what was sent | writes (something else) |
| login: newer credentials after a 401; credentials: the header itself | requests (middle, who asks) |
| sentences: no cut within a word; answers: a GET is refused by RBAC alone | answers (no secret), requests (forbidden) |

Guarded twice, so that taking out one changes nothing: `redirect=False` (urllib3 follows none without retries),
Content-Length (urllib3 counts, too), encodings not asked for (they are no JSON), a sentence's own redaction (the
report's last door redacts again).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.controlplane.plane import ControlPlane
from tests.faults.actions import Action, Decide, Request
from tests.faults.fleet import CLAUDE_KEY, GATEWAY_KEY, Fleet
from tests.faults.leaks import leaks
from tests.faults.proxy import Proxy
from tests.world import Ran

PROVIDER = "/apis/omnia.altairalabs.ai/v1alpha1/namespaces/{}/providers/claude"


def admin(proxy: Proxy, plane: ControlPlane) -> Path:
    return proxy.kubeconfig({"token": plane.admin_token})


def tells_nothing(ran: Ran, plane: ControlPlane, *planted: str) -> None:
    """Not a piece of a token, a Secret or anything else that was planted, and nothing left in the temporary folder."""
    leaked = leaks(ran.everything, [plane.admin_token, CLAUDE_KEY, GATEWAY_KEY, *planted])
    assert not leaked, leaked
    assert "\x1b" not in ran.everything, ran.everything
    assert not ran.left_behind, ran.left_behind


def real(action: Action, nth: int = 1) -> Decide:
    """For one write that is no dry-run."""
    requests: list[Request] = []

    def decide(request: Request) -> Action | None:
        if request.dry_run:
            return None
        requests.append(request)
        return action if len(requests) == nth else None

    return decide


def live(plane: ControlPlane, fleet: Fleet, name: str) -> dict[str, Any]:
    answer = plane.request("GET", PROVIDER.format(fleet.namespaces[name]))
    return dict(answer.json())
