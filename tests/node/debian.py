"""Packages of Debian, unpacked into a folder: nothing is installed, and apt keeps a state of its own.

No versions are pinned, because a mirror keeps only the newest. apt checks what it gets against Debian's signatures.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.controlplane.build import UnavailableError

# What no program here reads: texts for people, and the interpreter of git's scripts.
_LEFT_OUT = ("git-man", "perl", "perl-base", "perl-modules", "libperl")
_TEXTS = ("usr/share/doc", "usr/share/man", "usr/share/locale", "usr/share/info", "usr/share/perl")


def unpack(packages: Sequence[str], target: Path, *, with_dependencies: bool) -> None:
    """Fetch packages, and if wanted all that they depend on, and lay them over each other.

    Raises:
        UnavailableError: there is no apt here, or it cannot fetch them.
    """
    if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
        raise UnavailableError("it comes from packages of Debian, and there is no apt here")
    with tempfile.TemporaryDirectory(prefix="apt-") as name:
        home = Path(name)
        archives = _fetch(packages, home, with_dependencies=with_dependencies)
        target.mkdir(parents=True)
        for archive in archives:
            if not archive.name.split("_")[0].startswith(_LEFT_OUT):
                _run(["dpkg-deb", "--extract", str(archive), str(target)], home)
    for texts in _TEXTS:
        shutil.rmtree(target / texts, ignore_errors=True)


def _fetch(packages: Sequence[str], home: Path, *, with_dependencies: bool) -> list[Path]:
    archives = home / "cache/archives"
    for folder in (home / "lists/partial", archives / "partial"):
        folder.mkdir(parents=True)
    (home / "status").touch()  # nothing is installed, so that apt leaves out nothing
    settings = {
        "Dir::State": home,
        "Dir::State::status": home / "status",
        "Dir::Cache": home / "cache",
        "APT::Sandbox::User": "root",
        "APT::Install-Recommends": "false",
    }
    options = [word for key, value in settings.items() for word in ("-o", f"{key}={value}")]
    apt = ["apt-get", "-qq", *options]
    # A source that is not Debian's may be out of reach; what is missing then, the next command says.
    subprocess.run([*apt, "update"], capture_output=True, check=False)
    if with_dependencies:
        _run([*apt, "--download-only", "--yes", "install", *packages], home)
    else:
        _run([*apt, "download", *packages], archives)
    return sorted(archives.glob("*.deb"))


def _run(command: list[str], folder: Path) -> None:
    quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(
        command, cwd=folder, env=quiet, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        said = " ".join(done.stderr.split())[-400:]
        raise UnavailableError(f"{command[0]} failed: {said}")
