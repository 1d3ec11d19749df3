"""The engine still answers as a real API server did; the tests against a server itself need one, and send more."""

from __future__ import annotations

from collections import defaultdict

import pytest

from tests.semantics.answers import Exchange, recorded

EXCHANGES: dict[str, list[Exchange]] = defaultdict(list)
for exchange in recorded():
    EXCHANGES[exchange.test].append(exchange)


@pytest.mark.parametrize("test", EXCHANGES)
def test_the_engine_answers_as_the_server_did(test: str) -> None:
    for each in EXCHANGES[test]:
        _, deviations = each.twin.compare(each.request, each.answer)
        assert not deviations, each.request
