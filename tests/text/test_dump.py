"""A dumped value reads back unchanged, and its keys are in the order that people expect."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from reconciler.text.yaml import dump, load_documents, load_one

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"))
    | st.sampled_from(
        [
            "y",
            "on",
            "1:30",
            "0o17",
            "1_000",
            "2024-01-01",
            "=",
            "~",
            "",
            "null",
            "1e3",
            "<<",
            " a",
            "a\n b",
        ]
    )
)
KEYS = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"))
VALUES = st.recursive(
    SCALARS, lambda c: st.lists(c, max_size=3) | st.dictionaries(KEYS, c, max_size=3)
)


@given(st.dictionaries(KEYS, VALUES, max_size=4))
def test_a_dumped_value_reads_back_unchanged(value: dict[str, object]) -> None:
    assert load_one(dump(value), "dumped") == value


def test_key_order_and_block_style() -> None:
    text = dump(
        {
            "status": {"x": 1},
            "spec": {"b": "y", "a": ["1:30", {"k": None}], "note": "one\ntwo\n"},
            "metadata": {"labels": {"b": "1", "a": "2"}, "namespace": "llm", "name": "gpt"},
            "kind": "Model",
            "apiVersion": "v1",
        }
    )
    assert text == (
        "apiVersion: v1\nkind: Model\nmetadata:\n  name: gpt\n  namespace: llm\n  labels:\n"
        '    a: "2"\n    b: "1"\nspec:\n  a:\n  - "1:30"\n  - k: null\n  b: "y"\n  note: |\n    one\n    two\n'
        "status:\n  x: 1\n"
    ).replace('"1:30"', "'1:30'")


def test_a_shared_value_is_written_twice_without_an_alias() -> None:
    shared = {"a": [1]}
    assert "&" not in dump({"x": shared, "y": shared})
    assert load_documents(dump({"x": shared, "y": shared})).errors == ()
