"""The project's image, in layers with what the steps of its Dockerfile put there.

Below is a Debian of the machine's release in place of the published base, which no test can fetch, and its Python. The
locked dependencies, what is left out of them, the user, the paths and the settings are those of the Dockerfile.
"""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from pathlib import Path

from tests.lock import ROOT, UV, exported
from tests.node import debian

NAME = "registry.example.com/provider-reconciler:0.1.0"  # as `deploy/` names it
DOCKERFILE = ROOT / "Dockerfile"
_LEFT_OUT = ROOT / "deploy/image/left-out.txt"
_BASE = ("python3", "ca-certificates", "coreutils", "dash", "libstdc++6")
_INSTALLED = re.findall(r"apt-get install (.*) \\$", DOCKERFILE.read_text("utf-8"), re.MULTILINE)
_PACKAGES_AT = "opt/reconciler/lib/{python}/site-packages"
_SCRIPT = """\
#!/opt/reconciler/bin/python
import sys
from reconciler.__main__ import command
sys.exit(command())
"""
_COMPILE = (
    "/usr/bin/python3",
    *shlex.split(
        re.findall(r"python (-m compileall .*) \.$", DOCKERFILE.read_text("utf-8"), re.MULTILINE)[0]
    ),
)


def key() -> str:
    """What the lower layers depend on."""
    files = (Path(__file__), Path(debian.__file__), DOCKERFILE, _LEFT_OUT)
    return "\0".join([*(file.read_text("utf-8") for file in files), exported()])


def make_lower_layers(folder: Path) -> None:
    """`base.tar`, `dependencies.tar`, and their files in `root`, where the upper layer is compiled.

    Raises:
        UnavailableError: a package cannot be had.
    """
    root = folder / "root"
    named = [word for word in " ".join(_INSTALLED).split() if not word.startswith("-")]
    debian.unpack((*_BASE, *named), root, with_dependencies=True)
    _finish_base(root)
    _archive(root, folder / "base.tar", ".")
    _inside(root, "/usr/bin/python3", "-m", "venv", "--without-pip", "/opt/reconciler")
    target = root / _PACKAGES_AT.format(python=_python(root))
    _install(target, "--only-binary", ":all:", "--require-hashes", "--requirement", "-")
    shutil.rmtree(target / "bin", ignore_errors=True)
    for name in _LEFT_OUT.read_text("utf-8").split():
        for path in target.glob(name):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    _compile(root, target)
    _archive(root, folder / "dependencies.tar", "opt")


def layers(system: Path, folder: Path) -> tuple[Path, ...]:
    """All layers of the image of this checkout; the program itself, which changes often, is made into the folder."""
    root = folder / "root"
    packages = root / _PACKAGES_AT.format(python=_python(system / "root"))
    wheel = ("--wheel", "--no-build-isolation", "--python", UV.with_name("python"))
    subprocess.run(
        [UV, "build", "--quiet", *wheel, "--out-dir", folder / "dist"], cwd=ROOT, check=True
    )
    (built,) = (folder / "dist").glob("*.whl")
    _install(packages, "--no-deps", "--no-index", str(built))
    shutil.rmtree(packages / "bin", ignore_errors=True)
    script = root / "opt/reconciler/bin/reconciler"
    script.parent.mkdir(parents=True)
    script.write_text(_SCRIPT)
    script.chmod(0o755)
    _compile_with(system / "root", packages)
    _archive(root, folder / "program.tar", "opt")
    return (system / "base.tar", system / "dependencies.tar", folder / "program.tar")


def settings() -> dict[str, object]:
    """What the last stage of the Dockerfile says of the user, the paths and the command."""
    text = DOCKERFILE.read_text("utf-8").rpartition("\nFROM ")[2]

    def said(word: str) -> str:
        (line,) = re.findall(rf"^{word} (.*)$", text, re.MULTILINE)
        return str(line)

    path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    return {
        "User": said("USER"),
        "WorkingDir": said("WORKDIR"),
        "Entrypoint": re.findall(r'"(.*?)"', said("ENTRYPOINT")),
        "Env": [pair.replace("$PATH", path) for pair in said("ENV").split()],
    }


def _finish_base(root: Path) -> None:
    """What the scripts of the packages do, as far as a run needs it."""
    authorities = sorted((root / "usr/share/ca-certificates").rglob("*.crt"))
    bundle = root / "etc/ssl/certs/ca-certificates.crt"
    bundle.parent.mkdir(parents=True, exist_ok=True)
    bundle.write_text("".join(file.read_text("utf-8") for file in authorities))
    (root / "etc/passwd").write_text("root:x:0:0:root:/root:/bin/sh\n")
    (root / "etc/group").write_text("root:x:0:\n")
    for step in re.findall(r"&& (echo .* >> /etc/\w+)", DOCKERFILE.read_text("utf-8")):
        _inside(root, "/bin/sh", "-c", step)
    for folder in ("tmp", "config", "opt", "proc", "sys", "dev", "run"):
        (root / folder).mkdir(exist_ok=True)
    (root / "tmp").chmod(0o1777)
    _compile(root, root / "usr/lib" / _python(root))


def _compile(root: Path, folder: Path) -> None:
    """The root is read-only later, so that no run could keep what it compiles."""
    _inside(root, *_COMPILE, f"/{folder.relative_to(root)}")


def _compile_with(root: Path, folder: Path) -> None:
    """By the Python of that root, though the folder is elsewhere."""
    script = (
        'mount --bind "$1" "$2/config" && shift && root=$1 && shift && exec chroot "$root" "$@"'
    )
    command: list[str | Path] = ["unshare", "--mount", "sh", "-c", script, "sh"]
    command += [folder, root, *_COMPILE, "/config"]
    subprocess.run(command, check=True)


def _install(target: Path, *words: str) -> None:
    python = target.parent.name.removeprefix("python")
    place = ("--target", target, "--python-version", python, "--no-compile-bytecode")
    command = [UV, "pip", "install", "--quiet", *place, *words]
    subprocess.run(command, input=exported(), text=True, check=True)


def _python(root: Path) -> str:
    """`python3.11`, say: what /usr/bin/python3 is."""
    return (root / "usr/bin/python3").readlink().name


def _inside(root: Path, *command: str) -> None:
    subprocess.run(["chroot", root, *command], check=True)


def _archive(root: Path, file: Path, part: str) -> None:
    same = ("--sort=name", "--mtime=@0", "--numeric-owner", "--owner=0", "--group=0")
    subprocess.run(["tar", *same, "-C", root, "-cf", file, part], check=True)
