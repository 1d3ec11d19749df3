"""The process that owns the node of one test run: `python -m tests.node.supervise DIR`."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.controlplane.supervise import supervise
from tests.node.build import parts
from tests.node.server import serving

if __name__ == "__main__":
    sys.exit(supervise(Path(sys.argv[1]), lambda directory: serving(directory, parts())))
