"""stderr and stdout: whatever a text holds, a terminal and the runner of a CI job only show it."""

from __future__ import annotations

import json

import pytest

from reconciler.cli.execution.streams import LOG, log, write_error, write_out

ACTING = "\x1b[31m\u202e\n::error::no\n ##[group]x\r\x07\n"
SHOWN = "\\u001b[31m\\u202e\n\\u003a:error::no\n #\\u0023[group]x\\r\\u0007\n"


def test_what_acts_on_a_terminal_is_shown(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LOG, "json", False)  # whatever an earlier command has chosen
    write_error(ACTING)
    write_out(ACTING)
    assert capsys.readouterr() == (SHOWN, SHOWN)


def test_a_log_of_objects_acts_on_nothing_and_says_the_same(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LOG, "json", True)
    write_error(ACTING)
    log("info", ACTING, place=ACTING)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    for line in lines:
        assert line.isprintable()
        assert not line.startswith("::")
        assert "##[" not in line
    said, longer = map(json.loads, lines)
    assert said["message"] == ACTING.strip()
    assert (longer["message"], longer["place"]) == (ACTING, ACTING)
