"""The process that owns the servers of one test run: `python -m tests.controlplane.supervise DIR`.

Workers come and go in any order, so none of them can own the servers. This process does, and it
ends when nobody holds the lock of the run any more: when pytest is done, or was killed.
"""

from __future__ import annotations

import shutil
import signal
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from tests.controlplane.build import binaries
from tests.controlplane.locks import locked
from tests.controlplane.server import StartError, serving

RUN_LOCK = "run.lock"  # held by pytest for as long as it lives
SUPERVISOR_LOCK = "supervisor.lock"  # held by the supervisor until the servers are gone
DESCRIPTION = "description.json"  # appears when the servers are ready


def supervise(home: Path, serve: Callable[[Path], AbstractContextManager[Path]]) -> int:
    """Serve, in a folder of the run's, until the run ends; `serve` yields the description."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    run = home.parent
    with locked(home / SUPERVISOR_LOCK):
        try:
            with serve(home / "servers") as description:
                description.rename(home / DESCRIPTION)
                with locked(run / RUN_LOCK):
                    pass
        except StartError as error:
            print(error, file=sys.stderr)
            return 1  # the directory stays: who started this process reads the reason there
        finally:
            if (home / DESCRIPTION).exists():
                shutil.rmtree(home, ignore_errors=True)
                if not any(path.is_dir() for path in run.glob("*")):  # the last one to leave
                    shutil.rmtree(run, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(supervise(Path(sys.argv[1]), lambda directory: serving(directory, binaries())))
