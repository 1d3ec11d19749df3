"""What a run costs, beside kubectl on the same objects in the same run. See README.md."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.latency import delayed
from benchmarks.measure import Run, Summary, run
from reconciler.crds import catalogue
from reconciler.kinds import KINDS
from tests.controlplane.build import binaries
from tests.controlplane.plane import ControlPlane
from tests.controlplane.server import serving

COMMAND = Path(sys.executable).with_name("reconciler")
ROUND_TRIP = 0.025  # seconds
_PER_FILE = 2_500  # objects of each kind

ENVIRONMENT = """\
configVersion: 1
cluster: {{type: kubernetes}}
home: {namespace}
namespaces: [{namespace}]
manifests: [templates/*.yaml.j2]
"""
TEMPLATE = """\
{% for i in range(BEGIN, END) %}
---
apiVersion: omnia.altairalabs.ai/v1alpha1
kind: Provider
metadata: {name: claude-{{ i }}}
spec:
  type: claude
  model: {{ values.other if i % 100 == 0 else values.model }}
  credential: {secretRef: {name: anthropic, key: ANTHROPIC_API_KEY}}
  capabilities: [text, streaming, tools]
  defaults: {temperature: "0.3", maxTokens: 4096, contextWindow: 200000}
  pricing: {inputCostPer1K: "0.003", outputCostPer1K: "0.015"}
---
apiVersion: agent.flokoa.ai/v1alpha1
kind: ModelProvider
metadata: {name: gateway-{{ i }}}
spec:
  apiKeySecretRef: {name: openai, key: api-key}
  openai: {baseURL: "https://gateway.example.com/v1"}
{% endfor %}
"""


@dataclass(frozen=True)
class Bench:
    """One size: a configuration repository, and the same manifests for kubectl in a namespace of its own."""

    plane: ControlPlane
    folder: Path
    size: int
    kubeconfig: Path

    @property
    def ours(self) -> str:
        return f"ours-{self.size}"

    @property
    def theirs(self) -> str:
        return f"kubectl-{self.size}"

    def prepare(self) -> None:
        for namespace in (self.ours, self.theirs):
            make_namespace(self.plane, namespace)
        self.write("environments/prod/environment.yaml", ENVIRONMENT.format(namespace=self.ours))
        for name, text in templates(self.size // 2).items():
            self.write(f"templates/{name}", text)
        self.models("claude-sonnet-4-5", "claude-sonnet-4-5")

    def models(self, model: str, other: str) -> None:
        """Values for all, and for one in a hundred."""
        values = f"model: {model}\nother: {other}\n"
        self.write("environments/prod/values.yaml", values)
        out = self.folder / "rendered"
        shutil.rmtree(out, ignore_errors=True)
        run([COMMAND, "render", "prod", "-C", self.folder, "--out", out], None)
        everything = "".join(
            f"---\n{path.read_text()}" for path in sorted(out.rglob("*.yaml"))
        ).replace(f"namespace: {self.ours}", f"namespace: {self.theirs}")
        self.write("kubectl.yaml", everything)

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def reconciler(self, verb: str, *codes: int) -> Callable[[], Run]:
        where = [] if verb == "validate" else ["--kubeconfig", self.kubeconfig]
        command = [COMMAND, verb, "prod", "-C", self.folder, *where]
        plane = None if verb == "validate" else self.plane
        return lambda: run(command, plane, codes or (0,))

    def kubectl(self, verb: str, *args: str, codes: Sequence[int] = (0,)) -> Callable[[], Run]:
        command = [
            binaries().kubectl, f"--kubeconfig={self.kubeconfig}", verb, "--server-side",
            "-f", self.folder / "kubectl.yaml", *args,
        ]  # fmt: skip
        return lambda: run(command, self.plane, codes)


def templates(count: int) -> dict[str, str]:
    """Templates for this many objects of each kind: a file may have a limited number of values."""
    return {
        f"from-{begin}.yaml.j2": TEMPLATE.replace("BEGIN", str(begin)).replace(
            "END", str(min(count, begin + _PER_FILE))
        )
        for begin in range(0, count, _PER_FILE)
    }


def make_namespace(plane: ControlPlane, namespace: str) -> None:
    """A namespace with the Secrets to which the manifests refer."""
    plane.kubectl("create", "namespace", namespace)
    for name, key in (("anthropic", "ANTHROPIC_API_KEY"), ("openai", "api-key")):
        value = f"--from-literal={key}=made-up-for-a-benchmark"
        plane.kubectl("create", "secret", "generic", name, "-n", namespace, value)


def compare(title: str, rounds: int, *tools: tuple[str, Callable[[], Run]]) -> None:
    """Run the tools in turn, and print a line for each with its ratio to the first."""
    runs: dict[str, list[Run]] = {name: [] for name, _ in tools}
    for _ in range(rounds):
        for name, tool in tools:
            runs[name].append(tool())
    base = Summary.of(runs[tools[0][0]])
    for name, _ in tools:
        found = Summary.of(runs[name])
        verbs = " ".join(f"{verb} {number}" for verb, number in sorted(found.requests.items()))
        print(
            f"{title:<34} {name:<34} {found.seconds:7.2f} s {found.memory:6.0f} MiB"
            f" {found.seconds / base.seconds:6.1f}x  {found.total:5} requests  {verbs}",
            flush=True,
        )
        title = ""


def bench(found: Bench, rounds: int, where: str) -> None:
    size = found.size
    diffs = (
        ("kubectl diff", found.kubectl("diff", codes=(0, 1))),
        ("kubectl diff --concurrency=8", found.kubectl("diff", "--concurrency=8", codes=(0, 1))),
    )
    compare(
        f"{where} N={size} diff, no-op",
        rounds,
        ("reconciler diff", found.reconciler("diff")),
        *diffs,
    )
    compare(
        f"{where} N={size} apply, no-op", rounds,
        ("reconciler apply", found.reconciler("apply")),
        ("kubectl apply", found.kubectl("apply")),
    )  # fmt: skip
    found.models("claude-sonnet-4-5", f"changed-{where}")
    compare(
        f"{where} N={size} diff, 1 % changed",
        rounds,
        ("reconciler diff", found.reconciler("diff", 1)),
        *diffs,
    )
    compare(
        f"{where} N={size} apply, 1 % changed", 1,
        ("reconciler apply", found.reconciler("apply")),
        ("kubectl apply", found.kubectl("apply")),
    )  # fmt: skip


def first(found: Bench) -> None:
    found.prepare()
    compare(
        f"offline N={found.size} validate", 3, ("reconciler validate", found.reconciler("validate"))
    )
    compare(
        f"loopback N={found.size} apply, first", 1,
        ("reconciler apply", found.reconciler("apply")),
        ("kubectl apply", found.kubectl("apply")),
    )  # fmt: skip


def far_kubeconfig(plane: ControlPlane, port: int, folder: Path) -> Path:
    near = urlsplit(plane.url).port
    path = folder / "far.kubeconfig"
    path.write_text(plane.kubeconfig.read_text().replace(f":{near}", f":{port}"))
    path.chmod(0o600)
    return path


def places(plane: ControlPlane, folder: Path) -> Iterator[tuple[str, Path]]:
    yield "loopback", plane.kubeconfig
    near = urlsplit(plane.url).port or 0
    with delayed(near, ROUND_TRIP) as port:
        yield "25 ms", far_kubeconfig(plane, port, folder)


def install_crds(plane: ControlPlane, home: Path) -> None:
    paths = []
    for kind in KINDS.values():
        name = kind.endpoint.crd_name
        paths.append(home / f"{name}.yaml")
        paths[-1].write_text(catalogue.text(catalogue.era(name).path))
    plane.install_crds(paths)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10, 100, 1000])
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        with serving(home / "plane", binaries()) as description, ControlPlane(description) as plane:
            install_crds(plane, home)
            for size in options.sizes:
                folder = home / str(size)
                folder.mkdir()
                first(Bench(plane, folder, size, plane.kubeconfig))
                for where, kubeconfig in places(plane, folder):
                    bench(Bench(plane, folder, size, kubeconfig), options.rounds, where)


if __name__ == "__main__":
    main()
