"""The fields that decide where prompts and keys go include every URL, header and reference that a kind knows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from reconciler.kind import Kind
from reconciler.kinds import KINDS
from reconciler.model.path import FieldPath
from tests.kinds.examples import Example, examples


def deciding(example: Example) -> Iterator[FieldPath]:
    kind, body = example.kind, example.manifest.document.body()
    texts = (*kind.urls(body), *kind.headers(body), *kind.secret_names(body))
    yield from (text.path for text in texts)
    yield from (reference.path for reference in kind.object_references(body))
    yield from (reference.path for reference in kind.secret_references(body))


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.endpoint.kind)
def test_every_url_header_and_reference_decides(kind: Kind) -> None:
    own = [each for each in examples("valid") + examples("invalid") if each.kind is kind]
    paths = {path for example in own for path in deciding(example)}
    assert paths, "some examples have one"
    assert [path for path in paths if not kind.decides_traffic(path)] == []


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.endpoint.kind)
def test_the_name_of_a_model_decides_nothing(kind: Kind) -> None:
    assert not kind.decides_traffic(("spec", "model"))
    assert not kind.decides_traffic(("spec",))
