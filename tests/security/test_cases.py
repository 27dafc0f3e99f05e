"""Every numbered case of bad files names the tests that show it; most stand in `test_bad_files.py`."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HERE = "tests/security/test_bad_files.py"
READER = "tests/unit/importers/test_reader.py"
KILLED = "tests/faults/test_killed_operations.py"
NETWORK = "tests/faults/test_network.py"
FAILOVER = "tests/faults/test_failover.py"
CONFLICTS = "tests/faults/test_conflicts.py"
CASES: dict[int, tuple[str, ...]] = {
    1: (
        f"{READER}::test_bombs_and_forgeries_end_in_a_refusal_and_the_rest_is_read",
        "tests/unit/importers/test_old_formats.py::test_an_archive_bomb_is_refused",
    ),
    2: (
        f"{READER}::test_bombs_and_forgeries_end_in_a_refusal_and_the_rest_is_read",
        "tests/unit/importers/test_web_and_xml.py::test_a_far_corner_in_an_xml_workbook_is_refused",
        "tests/unit/importers/test_cell_marks.py::test_a_far_corner_of_an_xlsb_is_refused",
    ),
    3: (f"{READER}::test_bombs_and_forgeries_end_in_a_refusal_and_the_rest_is_read",),
    4: (f"{READER}::test_a_wrong_dimension_loses_no_row",),
    5: (f"{READER}::test_a_wrong_dimension_loses_no_row",),
    6: (f"{HERE}::test_case_6_entities_that_grow_without_end",),
    7: (f"{HERE}::test_case_7_external_entities_are_neither_read_nor_fetched",),
    8: (
        f"{READER}::test_a_password_is_said_to_be_one",
        "tests/unit/importers/test_locked_files.py::test_an_encrypted_workbook_opens_with_its_password_only",
        "tests/unit/importers/test_locked_files.py::test_real_files_of_every_way_to_lock_one",
    ),
    9: (f"{HERE}::test_case_9_what_a_file_is_and_not_what_it_is_called",),
    10: (f"{HERE}::test_case_10_cut_short_at_every_64th",),
    11: (f"{HERE}::test_case_11_a_broken_chain_of_sectors",),
    12: (f"{HERE}::test_case_12_active_content_is_neither_run_nor_fetched_and_told",),
    13: (f"{HERE}::test_case_13_forty_two_thousand_merged_ranges",),
    14: (
        f"{HERE}::test_case_14_flipped_bytes_end_no_process_but_the_child",
        f"{READER}::test_a_crashing_child_costs_one_file_only",
        f"{READER}::test_a_hanging_child_is_ended",
    ),
    15: (
        f"{READER}::test_a_workbook_becomes_canonical_text_with_the_rows_that_excel_shows",
        "tests/scenarios/test_read_shared_data.py::test_one_sheet_in_four_formats_reads_the_same",
    ),
    16: (
        f"{READER}::test_error_cells_and_formulas_without_value_are_told",
        "tests/unit/importers/test_cell_marks.py::test_error_cells_and_hidden_rows_of_an_xlsb",
        "tests/unit/importers/test_cell_marks.py::test_error_cells_and_hidden_rows_of_an_ods",
        "tests/unit/importers/test_cell_marks.py::test_errors_and_hidden_rows_that_a_real_program_wrote",
    ),
    17: (
        f"{HERE}::test_case_17_names_that_no_file_should_have",
        "tests/unit/importers/test_old_formats.py::test_names_that_lead_out_of_an_archive_are_refused_and_write_nothing_there",
    ),
    18: (f"{HERE}::test_case_18_no_office_program_is_ever_started",),
    19: (f"{HERE}::test_case_19_a_file_that_changes_while_it_is_read_is_refused",),
    20: (
        "tests/faults/test_killed.py::test_killed_at_a_random_moment",
        f"{KILLED}::test_killed_at_a_random_moment",
    ),
    21: (f"{KILLED}::test_killed_at_a_random_moment",),
    29: (
        f"{NETWORK}::test_cut_around_the_commit_and_done_once",
        f"{NETWORK}::test_a_line_that_stays_cut_is_told_and_nothing_is_stored",
        f"{NETWORK}::test_cut_before_the_commit_was_sent_says_that_nothing_was_changed",
    ),
    30: (
        f"{NETWORK}::test_cut_around_the_commit_and_done_once",
        f"{NETWORK}::test_many_cuts_lose_and_double_nothing",
    ),
    31: (
        f"{NETWORK}::test_a_black_hole_is_noticed",
        f"{NETWORK}::test_silence_is_noticed_within_ten_seconds",
        f"{NETWORK}::test_a_firewall_that_forgot_the_connection",
        f"{NETWORK}::test_a_long_statement_of_a_living_server_is_not_cut",
    ),
    32: (
        f"{FAILOVER}::test_a_primary_that_is_killed_in_the_middle_of_a_write",
        f"{FAILOVER}::test_writers_go_on_over_fail_overs_and_nothing_acknowledged_is_lost",
    ),
    33: (f"{NETWORK}::test_a_session_frees_its_locks_by_itself",),
    35: (f"{NETWORK}::test_slow_and_lossy_but_once",),
    42: (
        f"{CONFLICTS}::test_tried_again_from_the_beginning",
        f"{CONFLICTS}::test_not_tried_for_ever",
        f"{CONFLICTS}::test_two_who_lock_each_other_out_both_succeed",
    ),
}


@pytest.mark.parametrize("case", sorted(CASES))
def test_the_tests_of_a_case_exist(case: int) -> None:
    for test in CASES[case]:
        file, _, name = test.partition("::")
        tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
        assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}, test
