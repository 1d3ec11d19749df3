"""The kubernetes client, the largest import, loads while the templates render, and only where a cluster is read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from reconciler.adapters.redactor import SecretRedactor
from reconciler.cli import main
from reconciler.cli.snapshots import against
from reconciler.cli.wiring import dependencies
from reconciler.cli.wiring.inputs import Inputs
from reconciler.report import Style
from reconciler.reports import FORMATS
from tests.reports.scenarios import SCENARIOS
from tests.repository import write
from tests.stages.live import environment


@pytest.fixture
def imported(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    names: list[str] = []
    monkeypatch.setattr(dependencies, "import_module", names.append)
    dependencies._importing_client.cache_clear()
    yield names
    dependencies._importing_client.cache_clear()


def targeted(folder: Path, *, reads_cluster: bool = True, **inputs: Any) -> None:
    """Choose the cluster of two environments, as a run does before it renders them."""
    redactor = SecretRedactor()
    given = Inputs(str(folder), **inputs)
    deps = dependencies.build_dependencies(given, redactor, reads_cluster=reads_cluster)
    for _ in range(2):
        deps.target(environment())


def test_it_loads_once_as_soon_as_an_api_server_is_the_target(
    tmp_path: Path, imported: list[str]
) -> None:
    targeted(tmp_path, cluster="kubernetes:prod")
    dependencies._importing_client().join()
    assert imported == ["kubernetes.config"]


@pytest.mark.parametrize(
    "options",
    [
        {"cluster": "kubernetes:prod", "reads_cluster": False},
        {"cluster": "directory:live"},
        {"cluster": "kubernetes:prod", "against": "snapshot"},
    ],
)
def test_nothing_else_loads_it(
    tmp_path: Path, imported: list[str], options: dict[str, Any]
) -> None:
    targeted(tmp_path, **options)
    assert imported == []


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("render", "prod"), 0),
        (("environments",), 0),
        (("rbac", "prod"), 0),
        (("validate", "prod"), 0),
        (("notify", "report.json", "--state", "news.json"), 2),  # there is nobody to notify
    ],
)
def test_a_command_that_never_connects_does_not_load_it(
    tmp_path: Path,
    imported: list[str],
    monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...],
    code: int,
) -> None:
    config = "configVersion: 1\nnamespaces: [omnia]\ncluster: {type: kubernetes, context: prod}\n"
    monkeypatch.chdir(write(tmp_path, {"environments/prod/environment.yaml": config}))
    run = SCENARIOS["drift"]()
    (tmp_path / "report.json").write_text(FORMATS["json"].render(run, Style()))
    assert main(list(words)) == code
    assert imported == []


def test_the_hidden_values_of_a_snapshot_do_not_load_it(
    tmp_path: Path, imported: list[str]
) -> None:
    config = "configVersion: 1\nnamespaces: [omnia]\ncluster: {type: kubernetes, context: prod}\n"
    root = write(tmp_path, {"environments/prod/environment.yaml": config})
    assert against._rendered(Inputs(str(root)), "prod", SecretRedactor()) == ()
    assert imported == []


def test_a_client_that_cannot_be_imported_is_no_error_of_the_thread(
    imported: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(dependencies, "import_module", broken)
    dependencies._importing_client().join()
    assert imported == []
