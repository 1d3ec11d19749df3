"""What a fleet costs: one pod, or the pods of an Indexed Job, over many environments on a real node. See README.md."""

from __future__ import annotations

import argparse
import json
import re
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from tests.node import fleet
from tests.node.build import parts
from tests.node.fixtures import prepare
from tests.node.installation import Installation
from tests.node.node import Node, Object, terminated
from tests.node.server import serving

_AGENT = "provider-reconciler"
_FITS = 2_500  # objects in a pod of 256Mi
_TEMPLATE = """\
{% for i in range(COUNT) %}
---
apiVersion: omnia.altairalabs.ai/v1alpha1
kind: Provider
metadata: {name: "claude-{{ i }}"}
spec: {type: claude, model: claude-sonnet-4-5, credential: {secretRef: {name: claude, key: ANTHROPIC_API_KEY}}}
---
apiVersion: agent.flokoa.ai/v1alpha1
kind: ModelProvider
metadata: {name: "gateway-{{ i }}"}
spec: {apiKeySecretRef: {name: gateway, key: api-key}, openai: {baseURL: "https://gateway.example.com/v1"}}
{% endfor %}
"""


@dataclass(frozen=True)
class Measured:
    """A Job: seconds on the clock, exit codes of its pods, requests by verb and resource, reports by environment.

    Attributes:
        problems: what stopped environments.
    """

    seconds: float
    codes: Counter[int]
    requests: Counter[str]
    reported: Counter[str]
    problems: Counter[str]

    def line(self, name: str, environments: int) -> str:
        total = sum(self.requests.values())
        codes = ", ".join(f"{count} x exit {code}" for code, count in sorted(self.codes.items()))
        asked = ", ".join(f"{count} {what}" for what, count in self.requests.most_common(6))
        each = total / environments
        twice = sum(1 for number in self.reported.values() if number > 1)
        told = (
            f"{len(self.reported)} of {environments} environments reported, {twice} of them twice"
        )
        stopped = "".join(f"\n  {count} x stopped: {what}" for what, count in self.problems.items())
        cost = f"{total} requests, {each:.1f} per environment ({asked})"
        return f"{name}: {self.seconds:.0f} s; {codes}; {told}; {cost}{stopped}"


def measured(of: Installation, node: Node, *, kill: bool = False) -> Measured:
    """Run the fleet once; if wanted, one of its pods dies in the middle."""
    mark = node.audit.mark()
    started = time.monotonic()
    job = of.start(fleet.CRONJOB)
    if kill:
        kill_one(node, job, of.home)
    node.ending(job, of.home)
    seconds = time.monotonic() - started
    pods = node.pods(job, of.home)
    codes = Counter(terminated(pod)["exitCode"] for pod in pods)
    reports = [each for pod in pods for each in environments_in(node.log(pod))]
    reported = Counter(str(each["name"]) for each in reports)
    return Measured(seconds, codes, asked_since(node, mark), reported, problems_in(reports))


def one_process(of: Installation, node: Node, rate: str) -> Measured:
    """The same on the machine, by one process without a limit of memory."""
    mark = node.audit.mark()
    started = time.monotonic()
    ran = of.world.run("drift", "--record", RECONCILER_REQUESTS_PER_SECOND=rate)
    seconds = time.monotonic() - started
    reports = ran.report["environments"]
    codes, names = Counter([ran.code]), Counter(ran.codes.keys())
    return Measured(seconds, codes, asked_since(node, mark), names, problems_in(reports))


def asked_since(node: Node, mark: int) -> Counter[str]:
    ours = (r for r in node.audit.since(mark) if r.user_agent.startswith(_AGENT))
    return Counter(f"{record.verb} {record.resource or 'other'}" for record in ours)


def environments_in(log: str) -> list[Object]:
    """Those of a report; none of a pod that died."""
    return list(json.loads(log)["environments"]) if log.startswith("{") else []


def problems_in(reports: list[Object]) -> Counter[str]:
    """What stopped them, in words that say nothing of which."""
    messages = (str(each["problem"]["message"]) for each in reports if each["problem"])
    return Counter(re.sub(r"t-[0-9a-f]{10}(-\d+)?", "NAMESPACE", message) for message in messages)


def kill_one(node: Node, job: str, namespace: str) -> None:
    """As soon as one has asked an API server for a Secret."""
    mark = node.audit.mark()

    def has_asked() -> bool:
        asked = (r for r in node.audit.since(mark) if r.resource == "secrets")
        return any(record.user_agent.startswith(_AGENT) for record in asked)

    node.wait(has_asked, "a pod asks")
    running = [pod for pod in node.pods(job, namespace) if "running" in _status(pod)["state"]]
    latest = max(running, key=lambda pod: _status(pod)["state"]["running"]["startedAt"])
    container = _status(latest)["containerID"].removeprefix("containerd://")
    node.ctr("tasks", "kill", "--signal", "SIGKILL", container)


def _status(pod: Object) -> Object:
    (status,) = pod["status"]["containerStatuses"]
    return dict(status)


def measure(node: Node, folder: Path, options: argparse.Namespace) -> None:
    environments, objects, indexes = options.environments, options.objects, options.indexes
    rate = options.requests_per_second
    template = {"all.yaml.j2": _TEMPLATE.replace("COUNT", str(objects // 2))}
    started = time.monotonic()
    of = fleet.make(node, folder, environments - 1, 1, template)
    print(f"first apply, one process, and set-up: {time.monotonic() - started:.0f} s", flush=True)
    print(one_process(of, node, rate).line("one process", environments), flush=True)
    fleet.divide(of, indexes, rate)
    dying = measured(of, node, kill=True)
    print(dying.line(f"{indexes} pods, one dies", environments), flush=True)
    print(measured(of, node).line(f"{indexes} pods", environments), flush=True)
    if environments * objects <= _FITS:
        fleet.divide(of, 1, rate)
        print(measured(of, node).line("one pod", environments), flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--environments", type=int, default=200)
    parser.add_argument("--objects", type=int, default=50, help="of each environment")
    parser.add_argument("--indexes", type=int, default=8)
    parser.add_argument("--requests-per-second", default="", help="to the API server, of all pods")
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="fleet-") as name,
        serving(Path(name) / "servers", parts()) as description,
    ):
        prepare(description)
        with Node(description) as node:
            measure(node, Path(name), options)
    return 0


if __name__ == "__main__":
    sys.exit(main())
