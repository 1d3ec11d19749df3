"""One set of servers per test run: started by whoever needs it first, ended with the run."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
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
        homes = [path.parent for path in self.directory.glob(f"*/{SUPERVISOR_LOCK}")]
        supervisors = {home: Lock(home / SUPERVISOR_LOCK) for home in homes}
        self._lock.close()
        for home, supervisor in supervisors.items():
            until(supervisor.taken, f"the supervisor of {home.name} has ended")
            supervisor.close()
        for process in _supervisors:
            process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)


def description(directory: Path) -> Path:
    """Of the control plane of a run."""
    return started(directory / "controlplane", "tests.controlplane.supervise", install_crds)


def started(home: Path, supervisor: str, prepare: Callable[[Path], None]) -> Path:
    """The description of what the first caller started and prepared; the others wait for it.

    Args:
        home: a folder of the run for these servers alone.
        supervisor: the module that owns them.
    """
    ready = home / "ready"
    home.mkdir(exist_ok=True)
    with locked(home / "start.lock"):
        if not (home / DESCRIPTION).exists():
            _start(home, supervisor)
        if not ready.exists():
            prepare(home / DESCRIPTION)
            ready.touch()
    return home / DESCRIPTION


def install_crds(path: Path) -> None:
    """The newest of each kind, into the API server of a description."""
    with ControlPlane(path) as plane:
        plane.install_crds(crds.newest(_CRDS))


def _start(home: Path, module: str) -> None:
    log = home / "supervisor.log"
    with log.open("wb") as output:
        supervisor = subprocess.Popen(
            [sys.executable, "-m", module, str(home)],
            cwd=_REPOSITORY,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,  # neither Ctrl-C nor the end of this worker reaches it
        )
    _supervisors.append(supervisor)
    until(
        lambda: (home / DESCRIPTION).exists() or supervisor.poll() is not None,
        f"{home.name} is up",
    )
    if not (home / DESCRIPTION).exists():
        raise StartError(log.read_text("utf-8", "replace"))
