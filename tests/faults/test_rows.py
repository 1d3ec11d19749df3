"""The faults of an API server and of a run beside it, each with the tests that hold what must become of them.

`D-16` is a row of the fault matrix; the docstrings of the tests name it, too. Not here, because no test can make
the fault: clocks that jump (D-34), a full etcd (a part of D-26).
"""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]

# row: what happens, then the tests as `file::name`, below tests/
ROWS: dict[str, tuple[str, ...]] = {
    "D-01 busy": ("e2e/test_hostile_requests.py::test_a_busy_server_is_waited_for",),
    "D-02 Retry-After": (
        "e2e/test_hostile_requests.py::test_how_long_a_server_may_ask_to_wait",
        "e2e/test_hostile_requests.py::test_a_server_that_asks_for_a_day_gets_thirty_seconds",
    ),
    "D-03 500 on a GET": (
        "e2e/test_hostile_requests.py::test_a_server_that_fails_once_and_one_that_fails_always",
    ),
    "D-04 a write that timed out": (
        "e2e/test_hostile_writes.py::test_a_change_and_a_forced_one_whose_answers_are_lost",
    ),
    "D-05 a load balancer": (
        "e2e/test_hostile_requests.py::test_a_server_that_fails_once_and_one_that_fails_always",
    ),
    "D-06 401": (
        "e2e/test_hostile_requests.py::test_a_token_that_expires_in_the_middle",
        "e2e/test_hostile_requests.py::test_a_token_that_stays_expired",
    ),
    "D-07 403": ("e2e/test_hostile_requests.py::test_what_is_forbidden_stops_only_itself",),
    "D-08 a namespace on its way out": (
        "e2e/test_unreachable.py::test_a_namespace_that_is_being_deleted",
    ),
    "D-09 a writer before the write": (
        "e2e/test_moved.py::test_what_others_do_before_a_write_is_not_undone",
    ),
    "D-10 a conflict": (
        "e2e/test_flows.py::test_a_conflict_on_a_field_that_never_was_ours_stops_that_object_only",
        "e2e/test_flows.py::test_among_two_hundred_drifted_fields_one_that_never_was_ours_is_not_taken",
        "e2e/test_moved.py::test_a_conflict_that_the_answer_does_not_list_is_not_forced",
    ),
    "D-11 410": (
        "e2e/test_hostile_lists.py::test_pages_are_one_list_and_one_that_expires_begins_again",
        "e2e/test_hostile_lists.py::test_pages_that_are_no_list",
    ),
    "D-12 HTML": ("e2e/test_hostile_lists.py::test_an_answer_that_is_no_list",),
    "D-13 not a list": (
        "e2e/test_hostile_lists.py::test_an_answer_that_is_no_list",
        "e2e/test_hostile_lists.py::test_nothing_is_written_where_the_list_is_none",
    ),
    "D-14 pages": ("e2e/test_hostile_lists.py::test_pages_that_are_no_list",),
    "D-15 objects of others": ("e2e/test_hostile_lists.py::test_an_answer_that_is_no_list",),
    "D-16 cut": ("e2e/test_hostile_lists.py::test_a_list_that_is_cut_anywhere",),
    "D-17 redirect": ("e2e/test_hostile_answers.py::test_no_redirect_is_followed",),
    "D-18 bombs": ("e2e/test_hostile_answers.py::test_what_is_packed_too_well_is_not_unpacked",),
    "D-19 a lie": (
        "e2e/test_hostile_writes.py::test_an_answer_to_a_write_that_is_about_something_else",
    ),
    "D-20 warnings": (
        "e2e/test_hostile_answers.py::test_warnings_are_shown_escaped_redacted_and_capped",
    ),
    "D-21 no connection": ("e2e/test_unreachable.py::test_a_server_that_cannot_be_reached",),
    "D-22 recreated": ("e2e/test_moved.py::test_what_others_do_before_a_write_is_not_undone",),
    "D-23 reset": (
        "e2e/test_hostile_writes.py::test_every_write_of_a_first_apply_cut_before_after_and_midway",
        "e2e/test_hostile_writes.py::test_a_change_and_a_forced_one_whose_answers_are_lost",
    ),
    "D-24 no end": ("e2e/test_hostile_answers.py::test_no_answer_in_time_is_none",),
    "D-25 the server restarts": (
        "e2e/test_restarts.py::test_a_rerun_converges_after_what_happened_to_the_servers",
    ),
    "D-26 etcd restarts": (
        "e2e/test_restarts.py::test_a_rerun_converges_after_what_happened_to_the_servers",
    ),
    "D-27 webhooks": (
        "e2e/test_webhooks.py::test_admission_decides_and_the_rest_is_applied",
        "e2e/test_endings.py::test_a_denial_of_admission_is_no_missing_permission",
    ),
    "D-28 a webhook that fights": (
        "e2e/test_webhooks.py::test_a_value_that_a_webhook_sets_on_every_write_is_never_in_sync",
    ),
    "D-29 quota, invalid": (
        "e2e/test_webhooks.py::test_an_object_beyond_a_quota",
        "e2e/test_flows.py::test_one_bad_object_among_good_ones_stops_only_itself",
    ),
    "D-30 a paused run": ("stages/test_lock.py::test_it_is_lost_before_another_run_may_take_it",),
    "D-31 two runs": (
        "e2e/test_lock.py::test_of_two_applies_at_once_the_second_waits_and_both_succeed",
        "stages/test_lock.py::test_of_two_runs_that_see_a_free_lock_one_takes_it",
    ),
    "D-32 a broken Lease": (
        "stages/test_lock.py::test_it_is_lost_at_once_when_another_run_has_taken_it",
        "stages/test_lock.py::test_it_is_lost_at_once_when_it_is_gone",
        "stages/test_lock.py::test_a_renewal_that_fails_is_tried_again",
    ),
    "D-33 the Lease of a killed run": (
        "e2e/test_lock.py::test_the_lock_of_a_run_that_was_killed_here_is_taken_at_once",
        "stages/test_lock.py::test_a_lock_that_nobody_renews_is_taken_after_its_duration_here_whatever_the_clocks_say",
    ),
    "D-35 SIGKILL": ("e2e/test_kills.py::test_a_rerun_after_a_kill_at_any_request_converges",),
    "D-36 signals": (
        "e2e/test_endings.py::test_a_signal_ends_an_apply_with_a_report_of_what_was_done",
        "e2e/test_lock.py::test_a_signal_ends_the_wait_for_the_lock",
    ),
    "D-47 deletes": (
        "contract/test_preconditions.py::test_a_delete_with_the_uid_of_a_predecessor_is_refused",
        "contract/test_preconditions.py::test_a_delete_of_a_deleted_object_succeeds",
        "contract/test_preconditions.py::test_a_finalizer_keeps_an_object_until_it_is_removed",
        "adapters/kubernetes/test_retry.py::test_a_delete_whose_answer_is_lost_is_looked_after",
    ),
    "D-48 one of many": (
        "e2e/test_unreachable.py::test_whichever_object_fails_the_others_are_applied",
    ),
    "D-50 a CRD goes": (
        "e2e/test_restarts.py::test_a_rerun_converges_after_what_happened_to_the_servers",
    ),
}


@pytest.mark.parametrize("row", ROWS)
def test_a_row_has_its_tests(row: str) -> None:
    for test in ROWS[row]:
        file, _, name = test.partition("::")
        assert name in functions(TESTS / file), test


@cache
def functions(path: Path) -> frozenset[str]:
    tree = ast.parse(path.read_text())
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))
