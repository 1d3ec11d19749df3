"""x-kubernetes-validations: the CEL rules of a schema, at every level of an object.

Rules see the object after defaulting. A rule that reads `oldSelf` runs only in an update, where the old value at its
place is known. A violation of any other rule is forgiven where the value did not change (KEP-4008).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from reconciler.model.document import Json
from reconciler.model.path import FieldPath
from reconciler.semantics.schema.structural import Rule, Schema
from reconciler.semantics.validation import cel
from reconciler.semantics.validation.ratcheting import Correlated, item_with_keys
from reconciler.semantics.violation import DUPLICATE, INVALID, Violation, value_text, violation

_COMPOSITE = ("object", "array")
_DATE_TIMES = ("date-time", "datetime")
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_RESERVED = frozenset(
    {
        *("true", "false", "null", "in", "as", "break", "const", "continue", "else", "for"),
        "function",
        *("if", "import", "let", "loop", "package", "namespace", "return", "var", "void", "while"),
    }
)


@dataclass(frozen=True, slots=True)
class _Ratchet:
    """The old and new value at this place, and the nearest pair above it."""

    here: Correlated | None = None
    above: Correlated | None = None

    @property
    def forgives(self) -> bool:
        pair = self.here if self.here is not None else self.above
        return pair is not None and pair.unchanged

    def down(self, step: str | int) -> _Ratchet:
        if self.here is None:
            return self
        if self.above is None and step in ("apiVersion", "kind"):
            return _Ratchet()
        pair = self.here.index(step) if isinstance(step, int) else self.here.key(step)
        return _Ratchet(pair, self.here)


@dataclass(slots=True)
class RuleCheck:
    """Evaluates all rules of a schema on one object.

    Attributes:
        not_provable: the rules that could not be evaluated, with the reason.
    """

    not_provable: list[str] = field(default_factory=list)

    def violations(self, schema: Schema, new: Json, old: Json = None) -> list[Violation]:
        """All violations of a new object, or of an update of the object `old`."""
        pair = Correlated(new, old, schema) if old is not None else None
        return list(self._walk(schema, new, old, (), "", _Ratchet(pair)))

    def _walk(
        self, schema: Schema, new: Json, old: Json, path: FieldPath, name: str, ratchet: _Ratchet
    ) -> Iterator[Violation]:
        if new is None or not schema.has_rules:
            return
        yield from self._rules(schema, new, old, path, name, ratchet)
        for part in schema.all_of:
            yield from self._walk(part, new, old, path, name, _Ratchet(None, ratchet.above))
        if isinstance(new, list) and schema.items is not None:
            before = old if isinstance(old, list) and schema.list_type == "map" else []
            for index, value in enumerate(new):
                earlier = item_with_keys(schema.list_map_keys, before, value)
                below = ratchet.down(index)
                yield from self._walk(
                    schema.items, value, earlier, (*path, index), f"{name}[{index}]", below
                )
        elif isinstance(new, dict):
            known = old if isinstance(old, dict) else {}
            for key, value in new.items():
                child = schema.child(key)
                if child is not None:
                    printed = f".{key}" if name and key in schema.properties else key
                    under = name + (printed if key in schema.properties else f"[{key}]")
                    yield from self._walk(
                        child, value, known.get(key), (*path, key), under, ratchet.down(key)
                    )

    def _rules(
        self, schema: Schema, new: Json, old: Json, path: FieldPath, name: str, ratchet: _Ratchet
    ) -> Iterator[Violation]:
        if not schema.rules:
            return
        variables = {"self": _bound(schema, new, root=not path)}
        if old is not None:
            variables[cel.OLD_SELF] = _bound(schema, old, root=not path)
        unbound = schema.has_times and any(_holds_unbound(schema, value) for value in (new, old))
        bindings = cel.Bindings(variables)
        for rule in schema.rules:
            transition = cel.uses_old_self(rule.rule)
            if rule.optional_old_self or unbound:
                reason = "values of a type that is not known offline"
                self.not_provable.append(f"{name}: {rule.rule}: {reason}")
                continue
            if transition and old is None:
                continue
            result = bindings.evaluate(rule.rule)
            if result.unknown:
                self.not_provable.append(f"{name}: {rule.rule}: {result.unknown}")
            elif result.failure:
                words = f"{result.failure} evaluating rule: {_words(rule)}"
                yield violation(
                    path, name, INVALID, words, value=value_text(schema.type), rule=rule.rule
                )
            elif result.value is not True and (transition or not ratchet.forgives):
                yield _violation(schema, rule, new, path, name, _message(rule, bindings))


def _violation(
    schema: Schema, rule: Rule, new: Json, path: FieldPath, name: str, words: str
) -> Violation:
    steps = tuple(step for step in rule.field_path.split(".") if step)
    shown = rule.field_path if name else rule.field_path.removeprefix(".")
    # Only these two reasons show the value, and never a mapping or a list.
    shows_value = rule.reason in (INVALID, DUPLICATE) and schema.type not in _COMPOSITE
    detail = "" if rule.reason == DUPLICATE else words
    value = value_text(new) if shows_value else ""
    return violation(
        (*path, *steps), name + shown, rule.reason, detail, value=value, rule=rule.rule
    )


def _message(rule: Rule, bindings: cel.Bindings) -> str:
    if rule.message_expression:
        said = bindings.evaluate(rule.message_expression).value
        text = said.strip() if isinstance(said, str) else ""
        if text and "\n" not in text:
            return text
    return rule.message.strip() or f"failed rule: {rule.rule.strip()}"


def _words(rule: Rule) -> str:
    return rule.message.strip() or rule.rule.strip()


def _bound(schema: Schema, value: Json, *, root: bool = False) -> Json:
    """A value as CEL sees it: declared fields under their escaped names, numbers as doubles."""
    if isinstance(value, dict):
        return _bound_mapping(schema, value, root=root)
    if isinstance(value, list):
        items = schema.items
        return [_bound(items, element) for element in value] if items is not None else value
    if schema.type == "number" and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if schema.type == "integer" and isinstance(value, float) and value.is_integer():
        return int(value)
    if schema.format in _DATE_TIMES and isinstance(value, str):
        return _time(value) or value
    return value


def _time(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _holds_unbound(schema: Schema, value: Json) -> bool:
    """Whether a value has a CEL type that `_bound` does not make of it, such as a duration."""
    if isinstance(value, dict):
        pairs = ((schema.child(key), element) for key, element in value.items())
        return any(
            child is not None and child.has_times and _holds_unbound(child, element)
            for child, element in pairs
        )
    if isinstance(value, list):
        items = schema.items
        return (
            items is not None
            and items.has_times
            and any(_holds_unbound(items, element) for element in value)
        )
    if not isinstance(value, str) or not schema.has_times:
        return False
    return schema.format not in _DATE_TIMES or _time(value) is None


def _bound_mapping(schema: Schema, value: dict[str, Json], *, root: bool) -> Json:
    if schema.additional is not None and not schema.properties:
        return {key: _bound(schema.additional, element) for key, element in value.items()}
    out = {
        _escaped(key): _bound(child, value[key])
        for key, child in schema.properties.items()
        if key in value
    }
    if root:
        metadata = value.get("metadata")
        named = metadata if isinstance(metadata, dict) else {}
        out |= {key: value[key] for key in ("apiVersion", "kind") if key in value}
        out["metadata"] = {key: named[key] for key in ("name", "generateName") if key in named}
    return out


def _escaped(name: str) -> str:
    if name in _RESERVED:
        return f"__{name}__"
    if _WORD.fullmatch(name) and "__" not in name:
        return name
    for char, word in (
        ("__", "__underscores__"),
        (".", "__dot__"),
        ("-", "__dash__"),
        ("/", "__slash__"),
    ):
        name = name.replace(char, word)
    return name
