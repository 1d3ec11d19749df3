"""Objects by the addresses of a command line, and what is said of a mistyped one."""

from __future__ import annotations

import pytest

from reconciler.errors import UsageError
from reconciler.model.identity import ObjectRef
from reconciler.text.addresses import Addressed

_OF_GIT = Addressed("git has", "git has no such object", "it has", option="--only ")
_GROUP = "omnia.altairalabs.ai"


def _objects(count: int) -> list[ObjectRef]:
    return [ObjectRef(_GROUP, "Provider", "omnia", f"gpt-{n:02}") for n in range(count)]


def _hint(address: str, refs: list[ObjectRef]) -> str:
    with pytest.raises(UsageError) as raised:
        _OF_GIT.among(refs, address)
    assert raised.value.message == f"--only {address}: git has no such object"
    return raised.value.hint


def test_a_mistyped_address_gets_the_nearest_and_a_list() -> None:
    near = "did you mean provider/omnia/gpt-00? it has provider/omnia/gpt-00, provider/omnia/gpt-01"
    assert _hint("providr/omnia/gpt-00", _objects(2)) == near
    assert _hint("provider/omnia/nope", _objects(1)) == "it has provider/omnia/gpt-00"
    assert _hint("x", _objects(1)) == "it has provider/omnia/gpt-00"
    assert _hint("x", []) == "it has none"


def test_of_many_objects_the_list_has_ten() -> None:
    assert _hint("x", _objects(12)).endswith("provider/omnia/gpt-09, and 2 more")
