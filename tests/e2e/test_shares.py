"""A share of environments whose process dies in the middle, and is repeated: nothing is lost, nothing told twice."""

from __future__ import annotations

import os
import signal
from collections import Counter
from dataclasses import replace
from pathlib import Path

from tests.controlplane.locks import until
from tests.controlplane.plane import ControlPlane
from tests.e2e.hostile import admin
from tests.faults.actions import AFTER
from tests.faults.fleet import Fleet
from tests.faults.proxy import Proxy
from tests.interpreters.warm import interpreter

_NAMES = tuple(
    f"eu-{number}" for number in range(6)
)  # two of them are in the first share, four in the second
_RECORDS = "/configmaps/provider-reconciler-"


def test_a_share_that_dies_in_the_middle_and_is_repeated(
    tmp_path: Path, control_plane: ControlPlane, proxy: Proxy
) -> None:
    fleet = Fleet.of(tmp_path / "config", _NAMES).founded(control_plane)
    fleet = replace(fleet, kubeconfig=admin(proxy, control_plane))
    assert fleet.run("apply").code == 0
    for namespace in fleet.namespaces.values():
        rotated = '{"stringData":{"api-key":"gw-canary-another-5b1e77"}}'
        control_plane.kubectl("patch", "secret", "gateway", "-n", namespace, "-p", rotated)
    warm = interpreter()

    def kill() -> None:
        until(lambda: warm.pid != 0, "the process is known")
        os.kill(warm.pid, signal.SIGKILL)

    mark = control_plane.audit.mark()
    proxy.calm()
    # The first record is written, and the process never learns of the second.
    proxy.on("PUT|PATCH", _RECORDS, replace(AFTER, strike=kill), first=2, times=1)
    share = ("drift", "--record", "--shard")
    assert fleet.run(*share, "1/2").code == -signal.SIGKILL
    # Writes that were under way reach the server after the death of their process.
    until(lambda: all(each.code for each in proxy.writes()), "the server has answered them")
    proxy.calm()
    reported: Counter[str] = Counter()
    for shard in ("1/2", "0/2"):  # the share again, and the other one
        ran = fleet.run(*share, shard)
        assert ran.code == 1, ran.stdout
        for name in ran.codes:
            reported[name] += 1
            row = ran.environment(name).secret("gateway")
            assert (row["rotation"], row["event"]["closed"]) == ("rotated", None)
    assert reported == Counter(_NAMES), "each environment is in one report"
    written = Counter(
        each.partition(": ")[0]
        for each in fleet.written(control_plane, mark)
        # A late write of the dead process may still be refused, which leaves no trace.
        if "configmaps" in each and each.endswith((": 200", ": 201"))
    )
    assert len(written) == len(_NAMES), "no record lacks the rotation"
    assert set(written.values()) == {1}, f"and none has it twice: {written}"
