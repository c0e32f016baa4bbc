"""`make mutation`: what is copied for mutmut, and the report."""

from __future__ import annotations

from pathlib import Path

import pytest

from devtools import mutation, paths

RESULTS = """
    pulumi_sagemaker_geospatial._export.drift.x_describe__mutmut_1: killed
    pulumi_sagemaker_geospatial._export.drift.x_describe__mutmut_2: survived
    pulumi_sagemaker_geospatial._export.token.xǁTokenǁderive__mutmut_1: timeout
    pulumi_sagemaker_geospatial._export.token.xǁTokenǁderive__mutmut_2: no tests
"""


def test_the_report_has_the_score_of_each_module_and_what_was_not_detected() -> None:
    lines = mutation.format_report(RESULTS.strip().splitlines()).splitlines()
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
    mutation.copy_sources(["_export/drift.py"])
    copy = tmp_path / "src" / "pulumi_sagemaker_geospatial" / "_export" / "drift.py"
    original = paths.CHECKOUT / "provider" / copy.relative_to(tmp_path / "src")
    assert (copy.read_bytes(), copy.stat().st_mtime) == (original.read_bytes(), original.stat().st_mtime)
    settings = (tmp_path / "pyproject.toml").read_text()
    assert 'pythonpath = [".", "src", "emulator"]' in settings
    assert "only_mutate = ['src/pulumi_sagemaker_geospatial/_export/drift.py']" in settings
