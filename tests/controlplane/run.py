"""One control plane per test run: started by whoever needs it first, ended with the run."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.controlplane import crds
from tests.controlplane.locks import Lock, locked, until
from tests.controlplane.plane import ControlPlane
from tests.controlplane.server import StartError
from tests.controlplane.supervise import DESCRIPTION, RUN_LOCK, SUPERVISOR_LOCK

_REPOSITORY = Path(__file__).parents[2]
_CRDS = _REPOSITORY / "reconciler" / "crds"
# Popen complains when it is forgotten before its process ended, and this one outlives a worker.
_supervisors: list[subprocess.Popen[bytes]] = []


class Run:
    """Held by the pytest process that the user started: its end is the end of the servers."""

    def __init__(self) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="control-plane-"))
        self._lock = Lock(self.directory / RUN_LOCK)
        self._lock.take()

    def close(self) -> None:
        """Let go, and return when the servers are gone."""
        supervisor = Lock(self.directory / SUPERVISOR_LOCK)
        self._lock.close()
        until(supervisor.taken, "the supervisor of the control plane has ended")
        supervisor.close()
        for process in _supervisors:
            process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)


def description(directory: Path) -> Path:
    """What the first caller started and prepared; the others wait for it."""
    ready = directory / "ready"
    with locked(directory / "start.lock"):
        if not (directory / DESCRIPTION).exists():
            _start(directory)
        if not ready.exists():
            with ControlPlane(directory / DESCRIPTION) as plane:
                plane.install_crds(crds.newest(_CRDS))
            ready.touch()
    return directory / DESCRIPTION


def _start(directory: Path) -> None:
    log = directory / "supervisor.log"
    with log.open("wb") as output:
        supervisor = subprocess.Popen(
            [sys.executable, "-m", "tests.controlplane.supervise", str(directory)],
            cwd=_REPOSITORY,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,  # neither Ctrl-C nor the end of this worker reaches it
        )
    _supervisors.append(supervisor)
    until(
        lambda: (directory / DESCRIPTION).exists() or supervisor.poll() is not None,
        "the control plane is up",
    )
    if not (directory / DESCRIPTION).exists():
        raise StartError(log.read_text("utf-8", "replace"))
