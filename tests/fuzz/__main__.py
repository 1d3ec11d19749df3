"""Fuzz one target, or all: `python -m tests.fuzz [TARGET] [SECONDS]`.

The first input that a target does not take is printed, and kept in `.fuzz/TARGET`; coverage guides what is tried.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys

import atheris

with atheris.instrument_imports(include=["reconciler"]):
    from tests.fuzz.targets import ROOT, TARGETS, seeds

_SECONDS = 60
_LONGEST = 1 << 16  # bytes of one input
_MEMORY = 2048  # MiB
_SLOW = 20  # seconds for one input


def main(arguments: list[str]) -> int:
    """Fuzz each target in a process of its own.

    Returns:
        0 if every target took every input, 1 otherwise.
    """
    names = [name for name in arguments if name in TARGETS] or list(TARGETS)
    seconds = next((int(word) for word in arguments if word.isdecimal()), _SECONDS)
    command = [sys.executable, "-m", "tests.fuzz", "--one"]
    codes = [
        subprocess.run([*command, name, str(seconds)], check=False).returncode for name in names
    ]
    return int(any(codes))


def fuzz(name: str, seconds: str) -> None:
    """Ends the process."""
    corpus = ROOT / ".fuzz" / name
    corpus.mkdir(parents=True, exist_ok=True)
    for raw in seeds(name):
        (corpus / hashlib.sha256(raw).hexdigest()[:16]).write_bytes(raw)
    options = {
        "max_total_time": seconds,
        "max_len": _LONGEST,
        "rss_limit_mb": _MEMORY,
        "timeout": _SLOW,
        "artifact_prefix": f"{corpus}/",
        "print_final_stats": 1,
    }
    words = [f"-{key}={value}" for key, value in options.items()]

    def keep(raw: bytes) -> None:
        """libFuzzer does not always keep the input itself."""
        try:
            TARGETS[name](raw)
        except Exception:
            (corpus / f"crash-{hashlib.sha256(raw).hexdigest()[:16]}").write_bytes(raw)
            print(f"{name} does not take {raw[:4096]!r}", flush=True)
            raise

    atheris.Setup([name, *words, str(corpus)], keep)
    atheris.Fuzz()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        fuzz(*sys.argv[2:])
    else:
        sys.exit(main(sys.argv[1:]))
