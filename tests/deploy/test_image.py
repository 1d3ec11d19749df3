"""The image: what its Dockerfile promises, and that no run needs what is left out of it."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.controlplane.plane import ControlPlane
from tests.interpreters.clients import NEWEST, Client
from tests.interpreters.warm import Ended
from tests.world import World, secret

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
LEFT_OUT = (ROOT / "deploy/image/left-out.txt").read_text().split()
_PROGRAM = """\
import sys
from fnmatch import fnmatch

class LeftOut:
    def find_spec(self, name, path=None, target=None):
        if any(fnmatch(name.replace(".", "/"), each) for each in {names!r}):
            raise ImportError(f"{{name}} is left out")

sys.meta_path.insert(0, LeftOut())
from reconciler.cli import main
sys.exit(main())
"""


class Cold(Client):
    """A Python that has nothing of the product loaded, unlike that of other tests."""

    def run(self, *arguments: str | Path, env: Mapping[str, str]) -> Ended:
        command = [self.python, *self.program, *arguments]
        done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
        return Ended(done.returncode, done.stdout, done.stderr, 0)


def test_no_run_imports_what_is_left_out(
    tmp_path: Path, control_plane: ControlPlane, namespace: str
) -> None:
    for name in ("claude", "gateway"):
        values = {"ANTHROPIC_API_KEY": "a-key", "api-key": "a-key"}
        control_plane.create(f"namespaces/{namespace}/secrets", secret(name, **values))
    world = World.make(tmp_path / "config", {"prod": namespace}, control_plane.kubeconfig)
    program = tmp_path / "image.py"
    program.write_text(_PROGRAM.format(names=LEFT_OUT))
    image = Cold("image", NEWEST.python, (program,))
    for words, code in ((("validate",), 0), (("diff",), 1), (("apply",), 0), (("drift",), 0)):
        ran = world.run(*words, client=image)
        assert ran.code == code, ran.stdout + ran.stderr
    assert {"kubernetes/aio", "kubernetes/client/api"} <= {*LEFT_OUT}


def test_what_is_left_out_is_in_the_locked_dependencies() -> None:
    """So that an entry of which a new version has another name is noticed, as its size is."""
    (packages,) = {Path(path) for path in sys.path if path.endswith("site-packages")}
    assert [
        name for name in LEFT_OUT if not [*packages.glob(name), *packages.glob(f"{name}.py")]
    ] == []


def test_its_base_is_pinned_and_its_user_is_nobody() -> None:
    assert re.search(r"^ARG BASE=python:3\.\d+-slim@sha256:[0-9a-f]{64}$", DOCKERFILE, re.MULTILINE)
    assert set(re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)) == {"${BASE}"}
    assert re.findall(r"^USER (.*)", DOCKERFILE, re.MULTILINE) == ["65532:65532"]
    assert "--require-hashes" in DOCKERFILE
    assert re.search(r"\b(gcc|build-essential|curl|wget|sudo)\b", DOCKERFILE) is None


def test_only_what_is_built_gets_into_it() -> None:
    ignored = (ROOT / ".dockerignore").read_text().split()
    assert ignored == ["*", "!dist", "!deploy/image"]
    copied = re.findall(r"^COPY (?!--from)(\S+)", DOCKERFILE, re.MULTILINE)
    assert copied == ["dist/", "deploy/image/left-out.txt"]
