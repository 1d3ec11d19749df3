"""`validate` beside kubectl-validate (Go, the API server's own code, CEL included) on the same plain manifests.

GOBIN=~/.cache/bin go install sigs.k8s.io/kubectl-validate@v0.0.4
.venv/bin/python -m benchmarks.validate --tool ~/.cache/bin/kubectl-validate
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
from pathlib import Path

from benchmarks.cost import COMMAND, compare
from benchmarks.measure import run
from reconciler.crds import catalogue
from reconciler.kinds import KINDS

_EXAMPLES = Path(__file__).parents[1] / "tests/kinds"
_PROVIDER = """\
apiVersion: omnia.altairalabs.ai/v1alpha1
kind: Provider
metadata: {{name: claude-{number}, namespace: omnia}}
spec:
  type: claude
  model: claude-sonnet-4-5
  credential: {{secretRef: {{name: anthropic, key: ANTHROPIC_API_KEY}}}}
  capabilities: [text, streaming, tools]
  defaults: {{temperature: "0.3", maxTokens: 4096, contextWindow: 200000}}
  pricing: {{inputCostPer1K: "0.003", outputCostPer1K: "0.015"}}
"""


def write(folder: Path, size: int) -> Path:
    folder.mkdir()
    for number in range(size):
        (folder / f"{number:05}.yaml").write_text(_PROVIDER.format(number=number))
    return folder


def crds(folder: Path) -> Path:
    folder.mkdir()
    for kind in KINDS.values():
        name = kind.endpoint.crd_name
        (folder / f"{name}.yaml").write_text(catalogue.text(catalogue.era(name).path))
    return folder


def copied(folder: Path) -> Path:
    """Every example of the kinds' tests, valid or not."""
    folder.mkdir()
    for number, path in enumerate(sorted(_EXAMPLES.glob("*/*valid/*.yaml"))):
        (folder / f"{number:03}-{path.name}").write_bytes(path.read_bytes())
    return folder


def refused_by_us(folder: Path) -> set[str]:
    command = [COMMAND, "validate", folder, "-o", "json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    (seen,) = json.loads(done.stdout)["environments"]
    found = (d for d in seen["findings"] if d["severity"] == "error")
    return {Path(d["where"]["path"]).name for d in found}


def refused_by(tool: str, folder: Path, schemas: Path) -> set[str]:
    command = [tool, folder, "--local-crds", schemas, "-o", "json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    seen = json.loads(done.stdout[done.stdout.index("{") :])
    return {Path(p).name for p, told in seen.items() if any(t["status"] != "Success" for t in told)}


def verdicts(ours: set[str], theirs: set[str], folder: Path) -> None:
    """What both say of each example; what only they refuse is a verdict that we miss."""
    total = len(list(folder.iterdir()))
    print(
        f"{total} examples: both refuse {len(ours & theirs)}, accept {total - len(ours | theirs)};"
    )
    print(f"  refused by us alone, who know more than the CRD: {len(ours - theirs)}")
    print(f"  refused by kubectl-validate alone: {sorted(theirs - ours) or 0}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--tool", default="kubectl-validate")
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 10_000])
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        schemas = crds(home / "crds")
        for size in options.sizes:
            manifests = write(home / str(size), size)
            ours = [COMMAND, "validate", manifests]
            theirs = [options.tool, manifests, "--local-crds", schemas]
            compare(
                f"N={size}", options.rounds,
                ("reconciler validate", lambda ours=ours: run(ours, None)),
                ("kubectl-validate", lambda theirs=theirs: run(theirs, None)),
            )  # fmt: skip
        examples = copied(home / "examples")
        verdicts(refused_by_us(examples), refused_by(options.tool, examples, schemas), examples)


if __name__ == "__main__":
    main()
