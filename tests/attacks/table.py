"""All attacks, in the order of the table."""

from . import exhaustion, forging, metadata, network, reading, writing
from .attack import Attack

ATTACKS: tuple[Attack, ...] = (
    *exhaustion.ATTACKS,
    *reading.ATTACKS,
    *writing.ATTACKS,
    *network.ATTACKS,
    *forging.ATTACKS,
    *forging.PROTOCOL,
    *metadata.ATTACKS,
)

#: One or two of each kind, which `make test` runs; AICOURSE_ALL_ATTACKS=1 runs all.
_TELLING = {
    "exhaustion": """
        cpu_loop_in_cell cpu_loop_in_call deaf_loop stop_self
        memory_numpy fork_bomb disk_fill output_flood
        daemons nohup threads recursion_in_c
        segfault_in_call sigkill_self kill_everything descriptors
        huge_return virtual_array endless_range deep_return
        self_containing
    """,
    "reading": """
        solution_from_disk classmates_answer known_answers_from_disk exercise_bank_package
        gradebook_read environment descriptors_inherited memory_of_others
        history linecache frames_source frames_wanted
        garbage_wanted thread_wanted settrace source_in_base64
        source_as_type_name source_printed private_files
    """,
    "writing": """
        gradebook_rewrite classmates_submission system_files ipython_startup
        site_packages remount symlinks patch_the_graders_modules
    """,
    "network": """
        tcp unix_socket abstract_socket udp
    """,
    "forging": """
        ast_transformer input_transformer run_cell do_execute
        displayhook silent_errors builtins numpy_testing
        pandas_testing torch_testing pytest_approx equal_to_everything
        subclassed_float lying_class array_ufunc array_function
        subclassed_tensor modules_replaced frames_changed garbage_patched
        import_hooks pickle atexit thread_outlives_cell
        exit_in_cell system_exit kill_the_graders ptrace
    """,
    "protocol": """
        forged_frames_in_call replayed_answer malformed_frames giant_frame
        strange_data forged_report_1 forged_report_4 forged_report_5
        forged_report_11
    """,
    "metadata": """
        thousand_points swapped_test_ids swapped_answer_ids test_as_text
        test_as_answer copied_tests skip_tag another_student
        schema_99 deleted_tests bonus wrong_kinds
    """,
}
TELLING = tuple(attack for attack in ATTACKS if attack.name in _TELLING[attack.family].split())
