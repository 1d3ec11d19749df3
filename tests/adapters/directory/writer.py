"""One of several processes that write concurrently: `python -m tests.adapters.directory.writer ROOT COUNT`."""

from __future__ import annotations

import sys
from pathlib import Path

from reconciler.adapters.directory import DirectoryCluster
from reconciler.errors import RefusalReason, Refused
from reconciler.model.identity import CONFIG_MAP
from tests.adapters.directory.world import config_map, opened


def add_one(cluster: DirectoryCluster) -> None:
    """Compare and swap, until it succeeds."""
    while True:
        try:
            document = cluster.get(CONFIG_MAP, "home", "record")
            if document is None:
                cluster.create(CONFIG_MAP, config_map({"count": "1"}))
            else:
                body = document.body()
                count = str(int(body["data"]["count"]) + 1)
                version = body["metadata"]["resourceVersion"]
                cluster.replace(CONFIG_MAP, config_map({"count": count}, version))
        except Refused as refused:
            if refused.reason not in (RefusalReason.STALE, RefusalReason.EXISTS):
                raise
        else:
            return


if __name__ == "__main__":
    for _ in range(int(sys.argv[2])):
        add_one(opened(Path(sys.argv[1])))
