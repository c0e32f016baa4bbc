"""A mistake that several exports share, as the engine prints it."""

from __future__ import annotations

from tests.harness import ROLE, Emulator, Stack, declaration

OTHER_ACCOUNTS_ROLE = ROLE.replace("123456789012", "210987654321")


def test_a_mistake_of_six_exports_is_printed_once_and_counted(emulator: Emulator, stack: Stack) -> None:
    entries = [{**declaration(f"lake-{n}"), "execution_role_arn": OTHER_ACCOUNTS_ROLE} for n in range(6)]
    emulator.add_jobs(entries)
    stack.declare(entries)
    result = stack.up("--parallel", "16", fails=True)
    assert emulator.exports_started() == 0
    diagnostics = [line.strip() for line in result.output.partition("Diagnostics:")[2].splitlines()]
    in_full = [line for line in diagnostics if line.endswith("job's own account. [SGE303]")]
    short = [line for line in diagnostics if line.startswith("error: same error as lake-")]
    counts = [line for line in diagnostics if "6 resources failed with the error of lake-" in line]
    assert (len(in_full), len(short), len(set(short)), len(counts)) == (1, 5, 1, 1)
