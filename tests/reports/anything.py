"""Any Run at all, for properties that hold of every one."""

from __future__ import annotations

import string

from hypothesis import strategies as st

from reconciler.model.change import Change
from reconciler.model.difference import ABSENT, REDACTED, FieldValue
from reconciler.model.location import Location
from reconciler.model.run import EnvironmentRun, Run
from reconciler.model.secret import Fingerprint
from reconciler.model.verbs import APPLY, DRIFT, STAMP, VERBS, Verb

NUMBERS = st.integers(0, 10**6)
WORDS = st.text("`~@#<>[]()!*_|\\&:/-+=. \n\r\t\x1b\u202e" + string.ascii_letters, max_size=12)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | WORDS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(WORDS, inner, max_size=2),
    max_leaves=3,
)


def _few(strategy: st.SearchStrategy[object]) -> st.SearchStrategy[tuple[object, ...]]:
    return st.lists(strategy, max_size=2).map(tuple)


st.register_type_strategy(str, WORDS)
st.register_type_strategy(
    Fingerprint,
    st.builds(
        Fingerprint,
        st.text("0123456789abcdef", min_size=8, max_size=8),
        st.just("0123456789abcdef"),
    ),
)
st.register_type_strategy(
    Verb,
    st.sampled_from([*VERBS.values(), APPLY.as_dry_run(), STAMP.as_dry_run(), DRIFT.recording()]),
)
st.register_type_strategy(FieldValue, st.just(ABSENT) | st.just(REDACTED) | JSON.map(FieldValue.of))
st.register_type_strategy(
    Location, st.builds(Location, path=WORDS, line=NUMBERS, column=NUMBERS, length=NUMBERS)
)


def _shown(change: Change) -> Change:
    """Without what no report holds."""
    return Change(
        **{
            name: getattr(change, name)
            for name in Change.__slots__
            if name not in ("body", "uid", "resource_version")
        }
    )


st.register_type_strategy(Change, st.builds(Change).map(_shown))
ENVIRONMENTS = st.builds(EnvironmentRun, files=NUMBERS, objects=NUMBERS)
RUNS = st.builds(Run, environments=_few(ENVIRONMENTS))
