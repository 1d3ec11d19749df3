"""The canary test can fail: a leak is found in any encoding, and in a report that lost its masks."""

from __future__ import annotations

import base64
import html
import json
import urllib.parse
from collections.abc import Callable
from pathlib import Path

import pytest

from reconciler.cli.delivery.output import Sink, write_reports
from reconciler.errors import ExitCode
from reconciler.model.revision import Revision
from reconciler.model.run import EnvironmentRun, Run, RunError
from reconciler.model.verbs import DIFF
from reconciler.report import Style
from reconciler.reports import FORMATS
from tests.canary.plants import SHAPES, SHORT, Plants
from tests.canary.scanner import Scanner
from tests.fakes import NoRedactor

SECRET = "a'\"<b>&/+é7K2-x9Q4"
ENCODINGS: dict[str, Callable[[str], str]] = {
    "raw": str,
    "json": json.dumps,
    "html": html.escape,
    "repr": repr,
    "hex": lambda s: s.encode().hex(),
    "HEX": lambda s: s.encode().hex().upper(),
    "url": lambda s: urllib.parse.quote(s, safe=""),
    "form": urllib.parse.quote_plus,
    **{
        f"base64 after {before} bytes": lambda s, n=before: base64.b64encode(b"-" * n + s.encode() + b"-").decode()
        for before in range(3)
    },
    **{
        f"base64url after {before} bytes": lambda s, n=before: base64.urlsafe_b64encode(b"-" * n + s.encode()).decode()
        for before in range(3)
    },
    "a piece": lambda s: s[3:11],
}  # fmt: skip


@pytest.mark.parametrize("name", ENCODINGS)
def test_a_secret_is_found_in_every_encoding(name: str) -> None:
    text = f"{'x' * 1000} {ENCODINGS[name](SECRET)} {'y' * 1000}"
    scanner = Scanner({"here": SECRET})
    assert [leak.partition(":")[0] for leak in scanner.leaks(text)] == ["here"]
    assert scanner.leaks(text.encode("utf-8")) or "é" in ENCODINGS[name](SECRET)


def test_a_short_secret_is_found() -> None:
    assert Scanner({"here": "a7!kq"}).leaks("is a7!kq it")
    assert not Scanner({"here": "a7!kq", "there": SECRET}).leaks("nothing of it")


# Formats of words and numbers alone, into which no message gets.
WITHOUT_TEXTS = {"line", "prometheus"}


@pytest.mark.parametrize("shape", [*SHAPES, *SHORT])
@pytest.mark.parametrize("format_", sorted(FORMATS.keys() - WITHOUT_TEXTS))
def test_a_seeded_leak_makes_the_canary_test_fail(shape: str, format_: str, tmp_path: Path) -> None:
    """The same report through a sink that has lost its masks, and through the real one."""
    plants = Plants()
    error = RunError(plants.shapes("error")[shape], exit_code=ExitCode.CLUSTER)
    run = Run(DIFF, "1", Revision(), (EnvironmentRun("prod", ExitCode.CLUSTER, error=error),))
    scanner = Scanner(plants.secrets)
    assert scanner.leaks(FORMATS[format_].render(run, Style()))
    write_reports(run, [Sink(format_, str(tmp_path / "r"))], NoRedactor(), Style(), color="never")
    assert scanner.leaks((tmp_path / "r").read_bytes()) == []
