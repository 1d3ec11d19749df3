"""`validate` beside kubectl-validate (Go, the API server's own code, CEL included) on the same plain manifests.

GOBIN=~/.cache/bin go install sigs.k8s.io/kubectl-validate@v0.0.4
.venv/bin/python -m benchmarks.validate --tool ~/.cache/bin/kubectl-validate
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
from pathlib import Path

from benchmarks.cost import COMMAND, compare
from benchmarks.measure import run
from reconciler.crds import catalogue
from reconciler.kinds import KINDS

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
_BAD = _PROVIDER.replace("type: claude", "type: openai\n  role: embedding\n  tts: {{}}")


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
        bad = home / "bad.yaml"
        bad.write_text(_BAD.format(number=0))
        for command in ([COMMAND, "validate", bad], [options.tool, bad, "--local-crds", schemas]):
            refused = subprocess.run(command, capture_output=True, check=False).returncode != 0
            print(f"{Path(command[0]).name}: {'refuses' if refused else 'accepts'} the bad one")


if __name__ == "__main__":
    main()
