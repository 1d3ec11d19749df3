"""A plugin of pytest: for each mutant, the tests that reach its function, the quickest first, until the first fails.

pytest collects once. Each mutant gets a process of its own, forked from there: modules are loaded, no cache is warm.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import signal
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import partial
from importlib import import_module
from pathlib import Path

import pytest
from mutmut.mutation.trampoline import set_mutant_under_test
from mutmut.state import state

from tests.mutants.__main__ import MUTANTS, RESULTS

_AT_A_TIME = os.cpu_count() or 1
_MEMORY = 4 << 30
_TRACE = "trace.json"

Traces = dict[str, tuple[float, list[str]]]  # by test: seconds, and the functions it reaches


def pytest_runtestloop(session: pytest.Session) -> bool:
    traces = _traces(session)
    reaching = _reaching(session.items, traces)
    names: list[str] = json.loads(Path(MUTANTS).read_text())
    running: dict[int, str] = {}
    results: dict[str, str] = {}
    gc.freeze()  # else each process would copy what it only looks at
    for number, name in enumerate(names):
        if number % 50 == 0:
            print(f"\n{number} of {len(names)}", end=" ", flush=True)
            _write(results)  # in case somebody stops it
        items = reaching.get(name.partition("__mutmut_")[0], [])
        if not items:
            results[name] = "no tests"
            continue
        if len(running) == _AT_A_TIME:
            _collect(running, results)
        seconds = sum(traces[item.nodeid][0] for item in items)
        running[_fork(partial(_try, session, name, items, int(seconds)))] = name
    while running:
        _collect(running, results)
    _write(results)
    return True


def _reaching(items: Iterable[pytest.Item], traces: Traces) -> dict[str, list[pytest.Item]]:
    """The tests that reach each function, the quickest first."""
    reaching = defaultdict(list)
    for item in sorted(items, key=lambda item: traces[item.nodeid][0]):
        for function in traces[item.nodeid][1]:
            reaching[function].append(item)
    return reaching


def _traces(session: pytest.Session) -> Traces:
    """What each test reaches where no other has filled a cache before it; the modules that it needs are loaded then."""
    traces: Traces = {}
    for item in session.items:
        if _exit_code(_fork(partial(_trace, session, item))):
            pytest.exit(f"{item.nodeid} fails without a mutant", returncode=2)
        seconds, functions, modules = json.loads(Path(_TRACE).read_text())
        traces[item.nodeid] = seconds, functions
        for name in modules:
            with suppress(ImportError):
                import_module(name)
    return traces


def _trace(session: pytest.Session, item: pytest.Item) -> int:
    """Run a test, and write how long it takes, which functions it reaches, and which modules are loaded then."""
    set_mutant_under_test("stats")
    state()._stats.clear()
    start = time.monotonic()
    item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
    trace = time.monotonic() - start, sorted(state()._stats), list(sys.modules)
    Path(_TRACE).write_text(json.dumps(trace))
    return session.testsfailed


def _try(session: pytest.Session, name: str, items: Sequence[pytest.Item], seconds: int) -> int:
    """Run the tests, which take so long without a mutant, on a mutant; a signal stops what never ends."""
    resource.setrlimit(resource.RLIMIT_CPU, (10 + 4 * seconds, 15 + 4 * seconds))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    signal.alarm(120 + 20 * seconds)
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)
    os.dup2(nothing, 2)
    set_mutant_under_test(name)
    return 0 if _passes(session, items) else 1


def _passes(session: pytest.Session, items: Sequence[pytest.Item]) -> bool:
    for item, following in _pairs(items):
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if session.testsfailed:
            return False
    return True


def _pairs(items: Sequence[pytest.Item]) -> Iterable[tuple[pytest.Item, pytest.Item | None]]:
    """Each test and the next, for which fixtures may stay."""
    return zip(items, [*items[1:], None], strict=True)


def _fork(run: Callable[[], int]) -> int:
    if pid := os.fork():
        return pid
    code = 1
    try:
        code = run()
        sys.stdout.flush()
    finally:
        os._exit(code)


def _write(results: dict[str, str]) -> None:
    Path(RESULTS).write_text(json.dumps(dict(sorted(results.items()))))


def _exit_code(pid: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def _collect(running: dict[int, str], results: dict[str, str]) -> None:
    """A mutant that no test lets end is killed too."""
    pid, status = os.wait()
    results[running.pop(pid)] = "killed" if status else "survived"
