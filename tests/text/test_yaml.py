"""Strict YAML: the findings with their positions and messages, and the positions of all nodes."""

from __future__ import annotations

import pytest

from reconciler.model.finding import Severity
from reconciler.text.yaml import Position, YamlError, limits, load_documents, load_one

VALUE = "§"  # the place of a value, which no message quotes

# text, code, line, column, a part of the message
ERRORS = {
    "tab": ("a:\n\tb: §\n", "T001", 2, 1, "tab"),
    "quote": ("a: 1\nb: '§\nc: 2\n", "T001", 2, 4, "quote"),
    "double-quote": ('a: "§\n', "T001", 1, 4, "quote"),
    "colon-in-value": ("a: b: §\n", "T001", 1, 5, "key is not expected"),
    "indented": ("a:\n  bc: §\n   def: 2\nx: 1\n", "T001", 3, 4, "key is not expected"),
    "no-space": ("a:\n  b:§\n  def: 2\n", "T001", 3, 3, "key is not expected"),
    "conflict": (
        "a: 1\n<<<<<<< HEAD\nb: §\n=======\nb: 2\n>>>>>>> other\n",
        "T001",
        2,
        1,
        "merge conflict",
    ),
    "no-colon": ("a: 1\n§\nc: 2\n", "T001", 2, 1, "`:`"),
    "bracket": ("a: [§, 2\nb: 3\n", "T001", 2, 2, "comma"),
    "backtick": ("a: `§`\n", "T001", 1, 4, "backtick"),
    "at": ("a: @§\n", "T001", 1, 4, "`@`"),
    "escape": ('a: "§\\q"\n', "T001", 1, 4, ""),
    "nul": ("a: §\x00y\n", "T002", 1, 5, "U+0000"),
    "bell": ("a: §\x07y\n", "T002", 1, 5, "U+0007"),
    "surrogate": ("a: §\ud800\n", "T002", 1, 5, "U+D800"),
    "escaped-nul": ('a: "§\\0"\n', "T002", 1, 4, "escape"),
    "escaped-surrogate": ('a: "§\\ud800"\n', "T001", 1, 4, ""),
    "duplicate": ("a: §\nb: 2\na: §\n", "T003", 3, 1, "first on line 1"),
    "duplicate-flow": ("x: {a: §, a: §}\n", "T003", 1, 11, "`a`"),
    "python-tag": ("a: !!python/object/apply:os.system [§]\n", "T004", 1, 4, "tags"),
    "binary": ("a: !!binary §\n", "T004", 1, 4, "tags"),
    "set": ("a: !!set {§}\n", "T004", 1, 4, "tags"),
    "timestamp": ("a: !!timestamp §\n", "T004", 1, 4, "tags"),
    "custom-tag": ("a: !foo §\n", "T004", 1, 4, "tags"),
    "alias": ("a: &x §\nb: *x\n", "T005", 2, 4, "aliases"),
    "self-alias": ("a: &x [*x, §]\n", "T005", 1, 8, "aliases"),
    "integer-key": ("a: {1: §}\n", "T007", 1, 5, "key must be text"),
    "boolean-key": ("on: §\n", "T007", 1, 1, "key must be text"),
    "null-key": ("~: §\n", "T007", 1, 1, "key must be text"),
    "list-key": ("? [§]\n: §\n", "T007", 1, 3, "key must be text"),
    "mapping-key": ("{a: §}: §\n", "T007", 1, 1, "key must be text"),
    "nan": ("a: .nan\nb: §\n", "T008", 1, 4, "NaN"),
    "infinity": ("a: -.inf\nb: §\n", "T008", 1, 4, "infinities"),
    "huge": ("a: 12345678901234567890\nb: §\n", "T008", 1, 4, "64 bits"),
}


@pytest.mark.parametrize("name", ERRORS)
def test_an_error_has_a_position(name: str) -> None:
    text, code, line, column, words = ERRORS[name]
    stream = load_documents(text.replace(VALUE, "x"))
    finding = stream.errors[0]
    assert (finding.code, finding.position.line) == (code, line)
    assert finding.position.column == column
    assert words in finding.message
    assert stream.documents == ()


@pytest.mark.parametrize("name", ERRORS)
def test_messages_never_quote_values(name: str) -> None:
    text, code, *_ = ERRORS[name]
    assert VALUE in text
    findings = load_documents(text.replace(VALUE, "sk-canary-1")).findings
    assert code in {finding.code for finding in findings}
    assert not [f for f in findings if "canary" in f.message + f.hint]


# Every version of the parser has its own limit, or none, and applies it before the reader sees the level.
@pytest.mark.parametrize("levels", [65, 999, 1001, 5000, 50_000])
@pytest.mark.parametrize(
    ("opening", "column"),
    [("[", 65), ("{", 65), ("{b: ", 257), ("- ", 129), ("? ", 129), ("!a [", 257)],
)
def test_nesting_too_deep_is_our_own_finding(opening: str, column: int, levels: int) -> None:
    for before in ("", "é: 1\n---\n"):
        finding = load_documents(before + opening * levels).errors[-1]
        assert (finding.code, finding.message) == ("T006", "nested more than 64 levels deep")
        assert (finding.position.line, finding.position.column) == (before.count("\n") + 1, column)


def test_nesting_within_the_limit_is_no_finding() -> None:
    assert not load_documents("[" * 64 + "]" * 64).errors


def test_too_large_or_too_many() -> None:
    assert load_documents("a" * (limits.MAX_CHARACTERS + 1)).errors[0].code == "T006"
    many = load_documents("---\na: 1\n" * (limits.MAX_DOCUMENTS + 1))
    assert [f.code for f in many.errors] == ["T006"]
    assert len(many.documents) == limits.MAX_DOCUMENTS
    assert load_documents("- 1\n" * (limits.MAX_NODES + 1)).errors[0].code == "T006"
    large = load_documents("- 1\n" * (limits.MAX_NODES + 1) + "---\na: 1\n" * 3)
    assert [finding.code for finding in large.errors] == ["T006"], "reported once"


def test_alias_bombs_stop_before_they_expand() -> None:
    laughs = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"a{i}: &a{i} [" + ",".join([f"*a{i - 1}"] * 9) + "]\n" for i in range(1, 10)
    )
    merges = "a0: &a0 {k0: 1}\n" + "".join(
        f"a{i}: &a{i} {{k{i}: 1, <<: [" + ",".join([f"*a{i - 1}"] * 6) + "]}\n" for i in range(1, 9)
    )
    for bomb in (laughs, merges):
        assert any(f.code == "T005" for f in load_documents(bomb, aliases=True).errors)
        assert {f.code for f in load_documents(bomb).errors} == {"T005"}


def test_aliases_and_merges() -> None:
    text = "a: &a {x: 1, z: [2]}\nb: {<<: *a, x: 3}\nc: *a\n"
    stream = load_documents(text, aliases=True)
    document = stream.documents[0]
    assert document.value == {
        "a": {"x": 1, "z": [2]},
        "b": {"x": 3, "z": [2]},
        "c": {"x": 1, "z": [2]},
    }
    assert document.positions["c", "z", 0].value.line == 1  # below the anchor
    assert document.positions["b", "z", 0].best.line == 2  # of the `<<`
    assert load_documents("a: *a\n", aliases=True).errors[0].code == "T005"
    assert load_documents("a: {<<: 3}\n", aliases=True).errors[0].code == "T001"


def test_a_byte_order_mark_and_windows_line_ends_are_accepted() -> None:
    text = "\ufeffa: 1\r\nb: ü 😀 x\r\n"
    document = load_documents(text).documents[0]
    assert document.value == {"a": 1, "b": "ü 😀 x"}
    assert document.positions["b",].value == Position(2, 4, 5, 9, 14)


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("a:\xa01\n", 1, 3),
        ("a: \xa01\n", 1, 4),
        ("a:\n\xa0 b: 1\n", 2, 1),
        ("a:\n- \u3000b: 1\n", 2, 3),
        ("a: x\xa0y # \xa0\nb: 'x\xa0'\n", 0, 0),
        ("a:\n- b: “gpt”\n", 2, 6),
        ("a: „gpt“  \r\n", 1, 4),
        ("a: “Best” of all\nb: '“x”'\nc: |\n  “x”\n", 0, 0),
    ],
)
def test_a_warning_about_odd_spaces_and_quotes_where_plain_ones_are_expected(
    text: str, line: int, column: int
) -> None:
    warnings = [f for f in load_documents(text).findings if f.code == "T012"]
    assert [(f.position.line, f.position.column) for f in warnings] == (
        [(line, column)] if line else []
    )
    assert all(f.severity is Severity.WARNING and "YAML reads" in f.message for f in warnings)


def test_conflict_marks_inside_a_block_scalar_are_text() -> None:
    text = "a: |\n  <<<<<<< x\n  =======\n  >>>>>>> y\n"
    assert load_documents(text).findings == ()


def test_a_misplaced_key_is_marked_without_its_colon() -> None:
    (finding,) = load_documents("a:\n  bc: 1\n   def: 2\n").findings
    assert (finding.position.column, finding.position.length) == (4, 3)


def test_empty_documents_are_skipped() -> None:
    for text in ("", "# only\n", "---\n", "---\n---\n# x\n", "~\n"):
        assert load_documents(text).documents == ()
        assert load_documents(text).findings == ()


def test_an_error_in_one_document_does_not_hide_the_others() -> None:
    text = "a: 1\n---\nb: 'open\n---\nc: 3\n---\nd: 1\nd: 2\n---\n- e\n"
    stream = load_documents(text)
    assert [d.value for d in stream.documents] == [{"a": 1}, {"c": 3}, ["e"]]
    assert [d.index for d in stream.documents] == [0, 1, 2]
    assert [(f.code, f.position.line) for f in stream.findings] == [("T001", 3), ("T003", 8)]
    assert [p.line for p in stream.findings[1].also] == [7]


def test_several_findings_on_one_document() -> None:
    findings = load_documents("a: .nan\nb: !x y\nc: {1: 2}\n").findings
    assert [f.code for f in findings] == ["T008", "T004", "T007"]
    assert [f.path for f in findings] == [("a",), ("b",), ("c",)]


def test_positions_of_keys_and_values() -> None:
    text = "spec:\n  list:\n    - name: é\n      on_time: {a: 'b'}\n  text: |\n    x\n    y\n"
    positions = load_documents(text).documents[0].positions
    name = positions["spec", "list", 0, "name"]
    key, value = name.key, name.value
    assert key is not None
    assert (key.line, key.column, key.length) == (3, 7, 4)
    assert (value.line, value.column, text[value.start : value.end]) == (3, 13, "é")
    inner = positions["spec", "list", 0, "on_time"].value
    assert text[inner.start : inner.end] == "{a: 'b'}"
    block = positions["spec", "text"]
    assert (block.block, block.value.line) == (True, 5)
    spec = positions["spec",].value
    assert text[spec.start : spec.end].startswith("list:")


def test_a_directive_belongs_to_the_document_after_it() -> None:
    assert load_documents("%YAML 1.1\n---\na: 1\n---\nb: 2\n").documents[1].value == {"b": 2}


def test_a_document_with_warnings_is_kept() -> None:
    stream = load_documents("region: no\nmode: 0644\nname: a\u200bb\n")
    assert stream.documents[0].value == {"region": False, "mode": 420, "name": "a\u200bb"}
    findings = [(f.code, f.severity, f.position.line) for f in stream.findings]
    assert findings == [
        (c, Severity.WARNING, n) for c, n in (("T009", 1), ("T011", 2), ("T010", 3))
    ]


def test_load_one() -> None:
    assert load_one("a: &x 1\nb: *x\n", "crd.yaml") == {"a": 1, "b": 1}
    assert load_one("---\n# nothing\n", "crd.yaml") is None
    for text, where in (
        ("a: 1\na: 2\n", "f.yaml:2:1"),
        ("a: 1\n---\nb: 2\n", "f.yaml:2:1"),
        ("\x00", "f.yaml:1:1"),
    ):
        with pytest.raises(YamlError) as error:
            load_one(text, "f.yaml")
        assert error.value.where == where
        assert error.value.exit_code == 3
