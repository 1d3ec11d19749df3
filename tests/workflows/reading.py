"""The workflows as values."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))


@dataclass(frozen=True)
class Step:
    workflow: str
    job: str
    name: str
    uses: str
    run: str
    env: dict[str, str]
    inputs: dict[str, Any]


def load(file: Path) -> dict[str, Any]:
    # BaseLoader-like care for one word: YAML 1.1 reads the key `on` as true.
    content: dict[Any, Any] = yaml.load((ROOT / file).read_text(), Loader=yaml.CSafeLoader)  # noqa: TID251 -- our own files
    content["on"] = content.pop(True)
    return content


def jobs(file: Path) -> dict[str, Any]:
    content: dict[str, Any] = load(file)["jobs"]
    return content


def steps(file: Path) -> list[Step]:
    return [
        Step(
            workflow=file.stem,
            job=name,
            name=step.get("name", ""),
            uses=step.get("uses", ""),
            run=step.get("run", ""),
            env={**job.get("env", {}), **step.get("env", {})},
            inputs=step.get("with", {}),
        )
        for name, job in jobs(file).items()
        for step in job["steps"]
    ]
