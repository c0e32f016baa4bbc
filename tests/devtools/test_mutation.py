"""`make mutation`: what is copied for mutmut, and the report."""

from __future__ import annotations

from pathlib import Path

import pytest

from devtools import mutation, paths

RESULTS = {
    "pulumi_sagemaker_geospatial._export.drift.x_describe__mutmut_1": "killed",
    "pulumi_sagemaker_geospatial._export.drift.x_describe__mutmut_2": "survived",
    "pulumi_sagemaker_geospatial._export.token.xǁTokenǁderive__mutmut_1": "timeout",
    "pulumi_sagemaker_geospatial._export.token.xǁTokenǁderive__mutmut_2": "no tests",
}


def test_the_report_has_the_score_of_each_module_and_what_was_not_detected() -> None:
    lines = mutation.format_report(RESULTS).splitlines()
    assert [line.split() for line in lines[:4]] == [
        ["module", "mutants", "detected", "score"],
        ["_export.drift", "2", "1", "50%"],
        ["_export.token", "2", "1", "50%"],
        ["all", "4", "2", "50%"],
    ]
    assert lines[4:] == [
        "pulumi_sagemaker_geospatial._export.drift.x_describe__mutmut_2: survived",
        "pulumi_sagemaker_geospatial._export.token.xǁTokenǁderive__mutmut_2: no tests",
    ]


def test_the_sources_are_copied_in_the_layout_of_mutmut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mutation, "DIRECTORY", tmp_path)
    stale = tmp_path / "unit" / "mutants" / "results"
    stale.parent.mkdir(parents=True)
    stale.touch()
    directory = mutation.copy_sources("unit", ["_export/drift.py"])
    assert not stale.exists()
    copy = directory / "src" / "pulumi_sagemaker_geospatial" / "_export" / "drift.py"
    original = paths.CHECKOUT / "provider" / copy.relative_to(directory / "src")
    assert copy.read_bytes() == original.read_bytes()
    settings = (directory / "pyproject.toml").read_text()
    assert 'pythonpath = [".", "src", "emulator"]' in settings
    assert "only_mutate = ['src/pulumi_sagemaker_geospatial/_export/drift.py']" in settings


FAKE_MUTMUT = """#!/bin/sh
echo "$@" >> calls
if [ "$1" = results ]; then
    case "$PWD" in
        *unit) printf '    a.b.x_c__mutmut_1: killed\\n    a.b.x_c__mutmut_2: no tests\\n    a.b.x_c__mutmut_3: survived\\n' ;;
        *) printf '    a.b.x_c__mutmut_1: not checked\\n    a.b.x_c__mutmut_2: killed\\n    a.b.x_c__mutmut_3: survived\\n' ;;
    esac
fi
"""


def test_the_emulated_tests_run_on_what_the_unit_tests_do_not_detect(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    command = tmp_path / "environment" / "bin" / "mutmut"
    command.parent.mkdir(parents=True)
    command.write_text(FAKE_MUTMUT)
    command.chmod(0o755)
    monkeypatch.setattr(mutation, "DIRECTORY", tmp_path)
    monkeypatch.setattr(mutation, "tool_environment", lambda *args: tmp_path / "environment")
    assert mutation.run(["_export/drift.py"]) == 0
    assert (tmp_path / "unit" / "calls").read_text().splitlines() == ["run", "results --all true"]
    runs = (tmp_path / "emulated" / "calls").read_text().splitlines()
    assert runs == ["run a.b.x_c__mutmut_2 a.b.x_c__mutmut_3", "results --all true"]
    report = capsys.readouterr().out.splitlines()
    assert report[2].split() == ["all", "3", "2", "67%"]
    assert report[3:] == ["a.b.x_c__mutmut_3: survived"]
