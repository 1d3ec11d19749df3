"""What the tests of a hostile wire share."""

from __future__ import annotations

import secrets
from pathlib import Path

from tests.controlplane.plane import ControlPlane
from tests.faults.fleet import CLAUDE_KEY, GATEWAY_KEY, Run
from tests.faults.leaks import leaks
from tests.faults.proxy import Proxy


def prefix() -> str:
    """Of the namespaces of one fleet: workers share the server."""
    return f"t-{secrets.token_hex(4)}"


def admin(proxy: Proxy, plane: ControlPlane) -> Path:
    return proxy.kubeconfig({"token": plane.admin_token})


def tells_nothing(ran: Run, plane: ControlPlane, *planted: str) -> None:
    """Not a piece of a token, a Secret or anything else that was planted, and nothing left in the temporary folder."""
    found = leaks(ran.everything, [plane.admin_token, CLAUDE_KEY, GATEWAY_KEY, *planted])
    assert found == []
    assert "\x1b" not in ran.everything
    assert ran.left_behind == ()
