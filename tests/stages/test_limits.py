"""Reading a repository takes work that grows with its size and no faster, and what cannot be bounded is refused."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from reconciler.adapters.jinja.renderer import JinjaRenderer
from reconciler.adapters.sources.git_revision import GitRevision
from reconciler.adapters.sources.worktree import Worktree
from reconciler.kinds import KINDS
from reconciler.semantics.validation import patterns
from reconciler.stages.load import load
from reconciler.stages.load.findings import UnusableEnvironment
from reconciler.stages.load.layers import Values
from reconciler.stages.load.templates import matches
from reconciler.stages.render import render
from reconciler.stages.validate.silence import Silences
from reconciler.text.yaml import limits, load_documents
from tests.repository import MINIMAL, environment, write

FILE = "environments/prod/environment.yaml"


class TooMuchWork(Exception):
    """More calls than the test allows."""


def calls_of(work: Callable[[], object], limit: int = 2_000_000) -> int:
    """How many functions a piece of work calls, those of C included: it does not depend on the machine."""
    count = 0

    def profile(_: FrameType, event: str, __: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")
        if count > limit:
            raise TooMuchWork

    before = sys.getprofile()
    sys.setprofile(profile)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


def is_linear(work: Callable[[int], Callable[[], object]], size: int) -> bool:
    """Whether twice the size takes about twice the calls; `work` prepares what is then counted."""
    return calls_of(work(2 * size)) < 3 * calls_of(work(size))


def test_a_pattern_of_many_stars() -> None:
    path = "/".join(["templates", *"a" * 40, "b.yaml.j2"])
    for pattern in ("**/" * 60 + "c.yaml.j2", "**/a/" * 25 + "**/c.yaml.j2", "*/" * 60 + "c.j2"):
        assert calls_of(lambda pattern=pattern: matches(pattern, path)) < 100_000
        assert not matches(pattern, path)
    assert matches("**/" * 60 + "b.yaml.j2", path)
    assert matches("templates/**/a/**/b.*", path)


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("templates/*.j2", "templates/a.j2", True),
        ("templates/*.j2", "templates/b/a.j2", False),
        ("templates/**/a.j2", "templates/a.j2", True),
        ("templates/**/a.j2", "templates/b/c/a.j2", True),
        ("templates/**", "templates/b/c", True),
        ("**/b/**/a.j2", "b/a.j2", True),
        ("**/b/**/a.j2", "c/a.j2", False),
        ("a/**/b", "a", False),
    ],
)
def test_what_a_pattern_matches(pattern: str, path: str, expected: bool) -> None:
    assert matches(pattern, path) is expected


def test_overwritten_values() -> None:
    def overwrite(size: int) -> Callable[[], object]:
        text = "".join(f"k{n}: {{a: [1, 2]}}\n" for n in range(size))
        first, second = load_documents(text), load_documents(text.replace("{a: [1, 2]}", "2"))
        values = Values()
        values.add(first.documents[0].value, first.documents[0].positions, "a")

        def add() -> None:
            values.add(second.documents[0].value, second.documents[0].positions, "b")

        return add

    assert is_linear(overwrite, 300)


def test_an_overwritten_value_is_forgotten_with_all_below_it() -> None:
    values = Values()
    for number, text in enumerate(("a: {b: {c: 1}, d: 2}\n", "a: {b: 3}\n", "a: {d: null}\n")):
        (document,) = load_documents(text).documents
        values.add(document.value, document.positions, f"{number}")
    origins = {path: location.path for path, location in values.origins}
    assert origins == {("a",): "2", ("a", "b"): "1", ("a", "d"): "2"}
    assert values.content == {"a": {"b": 3}}


@pytest.mark.parametrize(
    "comment", ["# reconciler: ignore J010 -- why", "{# reconciler: ignore J010 -- why #}"]
)
def test_comments_that_silence(tmp_path: Path, comment: str) -> None:
    def silences(size: int) -> Callable[[], object]:
        templates = {"a.yaml.j2": f"{comment}\n" * size + "a: 1\n"}
        loaded = environment(tmp_path / str(size), templates)
        rule = object()
        return lambda: Silences(loaded, {"J010": rule})  # type: ignore[dict-item]  # only its code is read

    assert is_linear(silences, 300)


class TestPatterns:
    """Regular expressions of a CRD that the repository holds."""

    @pytest.mark.parametrize(
        "pattern", ["(a?){1000}" * 3 + "b", "(a?b?)*" * 2000 + "c", "a" * 200_000]
    )
    def test_a_search_that_may_take_seconds_is_not_done(self, pattern: str) -> None:
        assert patterns.search(pattern, "a" * 100_000) is None

    def test_any_other_is(self) -> None:
        assert patterns.search("^(a?){100}b$", "a" * 50 + "b") is True
        assert patterns.search("^[a-z]{1,100}$", "A") is False


class TestFindings:
    """Each costs time, and nobody reads thousands."""

    def codes(self, root: Path, config: str, **files: str) -> list[str]:
        write(root, {FILE: MINIMAL + config} | files)
        with pytest.raises(UnusableEnvironment) as error:
            load(Worktree(root), root, "prod", KINDS)
        return [finding.code for finding in error.value.findings]

    def test_there_are_at_most_a_hundred(self, tmp_path: Path) -> None:
        keys = "".join(f"unknown{n}: 1\n" for n in range(300))
        assert self.codes(tmp_path, keys) == ["E002"] * 100

    def test_layers_in_a_row_are_limited(self, tmp_path: Path) -> None:
        layers = {
            f"environments/l{n}/environment.yaml": f"{MINIMAL}extends: [l{n + 1}]\n"
            for n in range(2000)
        }
        write(tmp_path, layers)
        assert "E005" in self.codes(tmp_path, "extends: [l0]\n")

    def test_patterns_times_templates_are_limited(self, tmp_path: Path) -> None:
        templates = {f"templates/t{n}.yaml.j2": "" for n in range(1001)}
        listed = "".join(f"- templates/t{n}.yaml.j2\n" for n in range(1001))
        write(tmp_path, templates)
        assert self.codes(tmp_path, f"manifests:\n{listed}") == ["E006"]


@pytest.mark.parametrize(("limit", "count"), [("MAX_DOCUMENTS", 2), ("MAX_NODES", 20)])
def test_what_is_not_read_is_no_value_that_breaks_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, count: int
) -> None:
    monkeypatch.setattr(limits, limit, count)
    template = (
        "{% for i in range(5) %}\n---\na: {{ i }}\nb: c-{{ i }}\n"
        "d: {{ i | tojson }}\ne: [1, 2, 3]\n{% endfor %}\n"
    )
    loaded = environment(tmp_path, {"a.yaml.j2": template})
    _, findings = render(loaded, JinjaRenderer(), KINDS)
    codes = {finding.code for finding in findings}
    assert "T006" in codes
    assert "J010" not in codes


@pytest.mark.parametrize("revision", ["", "HEAD"])
def test_many_environments(tmp_path: Path, revision: str) -> None:
    """A pod of a fleet reads where every environment is, and a run of all of them loads them all."""

    def calls_for_each(number: int) -> float:
        root = write(tmp_path / str(number), {"environments/base/values.yaml": "model: gpt\n"})
        names = [f"env-{n:03}" for n in range(number)]
        config = MINIMAL + "extends: [base]\n"
        write(root, {f"environments/{name}/environment.yaml": config for name in names})
        for arguments in (["init", "-q"], ["add", "."], ["commit", "-qm", "all"]):
            subprocess.run(["git", *arguments], cwd=root, check=True)
        repository = GitRevision(root, revision) if revision else Worktree(root)
        calls = calls_of(lambda: [load(repository, root, name, KINDS) for name in names])
        return calls / number

    assert calls_for_each(200) < 1.1 * calls_for_each(100)
