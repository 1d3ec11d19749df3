"""This process as the holder of a lock."""

from __future__ import annotations

import subprocess
import sys

from reconciler.adapters.holder import ProcessHolder

PRINT = "from reconciler.adapters.holder import ProcessHolder; print(ProcessHolder().identity)"


def test_each_run_has_its_own_identity_without_blanks() -> None:
    identities = {ProcessHolder().identity for _ in range(20)}
    assert len(identities) == 20
    assert not any(" " in identity for identity in identities)


def test_only_a_process_of_this_machine_is_known_to_have_ended() -> None:
    holder = ProcessHolder()
    ended = subprocess.run(
        [sys.executable, "-c", PRINT], check=True, capture_output=True, text=True
    ).stdout.strip()
    host, pid, machine = ended.split("/")
    assert holder.has_ended(ended)
    assert not holder.has_ended(holder.identity), "it runs"
    assert not holder.has_ended(f"{host}/{pid}/00000000-1234"), "another machine, or another boot"
    for malformed in (
        "",
        "me",
        f"{host}/x/{machine}",
        f"{host}//{machine}",
        "a/99999999999999999999/b",
    ):
        assert not holder.has_ended(malformed)
