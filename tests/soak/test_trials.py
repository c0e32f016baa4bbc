"""The trials: what their seeds decide, whose signal it is, and a part of them on the real engine."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from soak.faults import DYNAMIC_HOST, ENGINE, FAULT_NAMES, FAULTS, GROUP, LANGUAGE_HOST, PHASES
from soak.processes import find_targets, process_tree
from soak.trial import Trial, plan_trials
from tests.harness import CHECKOUT

#: The trials of the part that every test run has: the first fault's seed, and the faults. Each is in another phase.
SEED = 18
FEW = (
    *("KILL engine", "KILL dynamic host", "KILL group", "INT group", "STOP dynamic host"),
    "10 % cut after",
)


def test_a_seed_decides_everything_about_a_trial() -> None:
    assert list(plan_trials(100, 1)) == list(plan_trials(100, 1))
    assert list(plan_trials(100, 1)) != list(plan_trials(100, 2))
    [alone] = plan_trials(1, 8, [FAULTS[7]])
    assert alone == list(plan_trials(8, 1))[7]


def test_300_trials_have_every_fault_each_size_and_every_phase() -> None:
    trials = list(plan_trials(300, 1))
    assert {trial.fault.name for trial in trials} == set(FAULT_NAMES)
    assert {trial.exports for trial in trials} == {1, 5, 50}
    assert {trial.phase for trial in trials if trial.fault.kill} == set(PHASES)


def test_a_signal_is_for_the_process_that_the_fault_names() -> None:
    tree = {1: "pulumi up", 2: "python -u -m pulumi.dynamic 127.0.0.1:1", 3: "python -u language_host.py 127.0.0.1:1"}
    targets = {name: find_targets(name, tree, 1) for name in (ENGINE, DYNAMIC_HOST, LANGUAGE_HOST, GROUP)}
    assert targets == {ENGINE: [1], DYNAMIC_HOST: [2], LANGUAGE_HOST: [3], GROUP: [1, 2, 3]}
    assert find_targets(ENGINE, {}, 1) == []


def test_the_processes_that_a_process_has_started_are_found() -> None:
    program = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'print(1, flush=True); input()'])"
    with subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert len(process_tree(process.pid)) == 2
        process.communicate(b"\n", timeout=60)


def test_the_part_has_every_phase_and_few_exports() -> None:
    trials = list(plan_trials(len(FEW), SEED, [fault for fault in FAULTS if fault.name in FEW]))
    assert {trial.phase for trial in trials} == set(PHASES)
    assert max(trial.exports for trial in trials) <= 5


@pytest.mark.timeout(600)
@pytest.mark.usefixtures("engine")
def test_nothing_is_lost_duplicated_or_wrong_in_a_part_of_the_trials(tmp_path: Path) -> None:
    results = tmp_path / "RESULTS.md"
    arguments = ["--runs", str(len(FEW)), "--seed", str(SEED), "--workers", "2", "--output", str(results)]
    command = [sys.executable, "-m", "soak", *arguments, "--only", *FEW]
    result = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, timeout=560)
    assert result.returncode == 0, result.stdout + result.stderr
    page = results.read_text()
    assert page in result.stdout
    [total] = [line for line in page.splitlines() if line.startswith("| total")]
    cells = [cell.strip() for cell in total.strip("|").split("|")]
    assert cells[1] == str(len(FEW))
    assert cells[-3:] == ["0", "0", "0"]


def test_a_trial_names_what_repeats_it() -> None:
    assert Trial.of(FAULTS[0], 17).name.startswith(f"{FAULTS[0].name}, seed 17")
