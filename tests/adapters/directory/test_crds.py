"""CRDs in the folder of a cluster: JSON below a comment is read as JSON, and says what it says as YAML."""

from __future__ import annotations

from pathlib import Path

import pytest

from reconciler.adapters.directory.crds import _read
from reconciler.adapters.directory.yaml_file import parse
from reconciler.crds import catalogue
from reconciler.errors import Refused
from reconciler.model.document import canonical
from tests.adapters.directory.world import PROVIDER, US, opened, provider

ERAS = [era.path for name in catalogue.names() for era in catalogue.eras(name)]


@pytest.mark.parametrize("path", ERAS)
def test_a_crd_of_the_package_is_the_same_as_yaml(path: str) -> None:
    content = catalogue.text(path).encode()
    assert canonical(_read(content)) == canonical(parse(content).body)


@pytest.mark.parametrize(
    "content",
    [
        '# a\n{"spec": {"group": "a", "group": "b"}}',
        '# a\n{"spec": {"group": "\\ud800"}}',
        '# a\n{"spec": {"group": "a"}',
        pytest.param('# a\n{"a": ' + "[" * 100_000, marks=pytest.mark.exhausts_stack),
    ],
    ids=["a key twice", "half a character", "no end", "too deep"],
)
def test_what_yaml_refuses_is_refused_with_its_message(content: str, tmp_path: Path) -> None:
    cluster = opened(tmp_path)
    cluster.apply(PROVIDER, provider(), manager=US)
    (tmp_path / ".server/crds/providers.omnia.altairalabs.ai.yaml").write_text(content)
    with pytest.raises(Refused, match=r"providers\.omnia\.altairalabs\.ai\.yaml: "):
        cluster.list(PROVIDER, "omnia")


@pytest.mark.parametrize(
    "content",
    ["# a\n{spec: {group: a}}", '# a\n{"spec": {"group": NaN}}', '{"spec": {"group": "a"}}'],
)
def test_what_is_yaml_alone_is_read_as_yaml(content: str) -> None:
    assert _read(content.encode()) == parse(content.encode()).body
