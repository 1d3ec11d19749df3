"""The process that owns the servers of one test run: `python -m tests.controlplane.supervise DIR`.

Workers come and go in any order, so none of them can own the servers. This process does, and it
ends when nobody holds the lock of the run any more: when pytest is done, or was killed.
"""

from __future__ import annotations

import shutil
import signal
import sys
from pathlib import Path

from tests.controlplane.build import binaries
from tests.controlplane.locks import locked
from tests.controlplane.server import StartError, serving

RUN_LOCK = "run.lock"  # held by pytest for as long as it lives
SUPERVISOR_LOCK = "supervisor.lock"  # held by the supervisor until the servers are gone
DESCRIPTION = "control-plane.json"  # appears when the servers are ready


def main() -> int:
    run = Path(sys.argv[1])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with locked(run / SUPERVISOR_LOCK):
        try:
            with serving(run / "servers", binaries()) as description:
                description.rename(run / DESCRIPTION)
                with locked(run / RUN_LOCK):
                    pass
        except StartError as error:
            print(error, file=sys.stderr)
            return 1  # the directory stays: who started this process reads the reason there
        finally:
            if (run / DESCRIPTION).exists():
                shutil.rmtree(run, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
