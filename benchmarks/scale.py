"""What grows: time and memory per object from 1,000 objects to 10,000, and the time of ten clusters. See README.md."""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

from benchmarks.cost import COMMAND, ENVIRONMENT, Bench, install_crds, make_namespace, templates
from benchmarks.latency import delayed
from benchmarks.measure import Run, run
from tests.controlplane.build import binaries
from tests.controlplane.plane import ControlPlane
from tests.controlplane.server import serving

_ROUND_TRIP = (
    0.25  # seconds to each stand-in: a slow cluster, so that waiting weighs more than computing
)


def objects(plane: ControlPlane, home: Path, sizes: list[int], rounds: int) -> None:
    """A no-op diff of each size: processor time and memory by object; only the growth counts for memory."""
    measured = []
    for size in sizes:
        bench = Bench(plane, home / str(size), size, plane.kubeconfig)
        bench.prepare()
        bench.reconciler("apply")()
        diff = bench.reconciler("diff")
        runs = [diff() for _ in range(rounds)]
        seconds, wall = median(r.processor for r in runs), median(r.seconds for r in runs)
        memory = max(r.memory for r in runs)
        total = sum(runs[-1].requests.values())
        print(
            f"N={size:<6} diff, no-op  {wall:7.2f} s, {seconds / size * 1000:5.2f} ms of processor per object,"
            f" {memory:5.0f} MiB, {total} requests",
            flush=True,
        )
        measured.append((size, seconds, memory))
    (small, fast, low), (large, slow, high) = measured[0], measured[-1]
    ratio = (slow / large) / (fast / small)
    growth = (high - low) * 1024 / (large - small)
    print(
        f"per object: {ratio:.2f} times the processor time; {growth:.1f} KiB more for each object"
    )


def clusters(plane: ControlPlane, home: Path, count: int, size: int, rounds: int) -> None:
    """Environments on stand-ins for clusters, one API server behind a slow proxy each: all, beside the slowest."""
    folder = home / "clusters"
    (folder / "templates").mkdir(parents=True)
    for name, text in templates(size // 2).items():
        (folder / "templates" / name).write_text(text)
    with stand_ins(plane, folder, count) as kubeconfig:
        names = [prepared(plane, folder, number, kubeconfig) for number in range(count)]
        alone = {name: [diff(folder, kubeconfig, name) for _ in range(rounds)] for name in names}
        together = [diff(folder, kubeconfig, *names) for _ in range(rounds)]
    walls = [median(r.seconds for r in runs) for runs in alone.values()]
    wall, slowest = median(r.seconds for r in together), max(walls)
    print(
        f"{count} clusters of {size} objects, {_ROUND_TRIP * 1000:.0f} ms away: {wall:.2f} s together;"
        f" the slowest alone {slowest:.2f} s ({wall / slowest:.2f} times), the sum {sum(walls):.2f} s"
    )


@contextmanager
def stand_ins(plane: ControlPlane, folder: Path, count: int) -> Iterator[Path]:
    """A kubeconfig with a context for each stand-in."""
    near = urlsplit(plane.url)
    content = json.loads(plane.kubeconfig.read_text())
    ((cluster,), (context,)) = content["clusters"], content["contexts"]
    content["clusters"], content["contexts"] = [], []
    with ExitStack() as stack:
        for number in range(count):
            port = stack.enter_context(delayed(near.port or 0, _ROUND_TRIP))
            server = {"server": f"https://{near.hostname}:{port}"}
            name = f"cluster-{number}"
            content["clusters"].append({"name": name, "cluster": cluster["cluster"] | server})
            content["contexts"].append(
                {"name": name, "context": context["context"] | {"cluster": name}}
            )
        path = folder / "kubeconfig"
        path.write_text(json.dumps(content))
        path.chmod(0o600)
        yield path


def prepared(plane: ControlPlane, folder: Path, number: int, kubeconfig: Path) -> str:
    """An environment on its stand-in, applied; its name."""
    name = f"env-{number}"
    make_namespace(plane, name)
    environment = folder / "environments" / name
    environment.mkdir(parents=True)
    cluster = f"cluster: {{type: kubernetes, context: cluster-{number}}}"
    text = ENVIRONMENT.format(namespace=name).replace("cluster: {type: kubernetes}", cluster)
    (environment / "environment.yaml").write_text(text)
    model = "claude-sonnet-4-5"
    values = f"model: {model}\nother: {model}\n"
    (environment / "values.yaml").write_text(values)
    run([COMMAND, "apply", name, "-C", folder, "--kubeconfig", kubeconfig], None)
    return name


def diff(folder: Path, kubeconfig: Path, *names: str) -> Run:
    return run([COMMAND, "diff", *names, "-C", folder, "--kubeconfig", kubeconfig], None)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 10_000])
    parser.add_argument("--clusters", type=int, default=10)
    parser.add_argument("--objects", type=int, default=20, help="on each cluster")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        with serving(home / "plane", binaries()) as description, ControlPlane(description) as plane:
            install_crds(plane, home)
            clusters(plane, home, options.clusters, options.objects, options.rounds)
            objects(plane, home, options.sizes, options.rounds)


if __name__ == "__main__":
    main()
