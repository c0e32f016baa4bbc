"""`make test-matrix`: which versions it tries, what it skips, and its table."""

from __future__ import annotations

from pathlib import Path

import pytest
from pulumi_sagemaker_geospatial._runtime.dynamic_host import TESTED_SDK_VERSIONS

from devtools import cache, matrix, paths
from devtools.errors import StepFailed
from devtools.matrix import Row

from .engine_fakes import write_executable


@pytest.fixture(autouse=True)
def _logs_outside_of_the_checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "LOCAL", tmp_path)


def test_the_oldest_and_the_newest_sdk_are_among_those_that_were_tried() -> None:
    assert matrix.sdk_versions() == (TESTED_SDK_VERSIONS[0], TESTED_SDK_VERSIONS[-1])


@pytest.mark.parametrize("version", [each for each in matrix.ENGINES if each != cache.required_version()])
def test_every_other_engine_is_pinned_by_a_module_of_its_own(version: str) -> None:
    source = paths.DEVTOOLS / "engines" / version
    assert cache.required_version(source) == version
    assert (source / "go.sum").exists()


def test_rows_are_all_combinations_of_the_selected_versions() -> None:
    assert len(matrix.select_rows([])) == len(matrix.PYTHONS) * 2 * len(matrix.ENGINES)
    selected = matrix.select_rows(["--python", "3.12", "3.13", "--sdk", "3.270.0", "--engine", "3.274.1"])
    assert selected == [Row("3.12", "3.270.0", "3.274.1"), Row("3.13", "3.270.0", "3.274.1")]


def test_a_python_that_is_not_installed_is_skipped_with_the_reason() -> None:
    result = matrix.run_row(Row("3.99", "3.272.0", "3.259.0"))
    assert result == "skipped: Python 3.99 is neither on PATH nor known to uv"


def test_an_engine_that_needs_a_newer_go_is_skipped_with_the_reason(
    go_log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(matrix, "find_python", lambda version: "python")
    monkeypatch.setattr(matrix, "find_or_build_engine", matrix.find_or_build_engine.__wrapped__)
    monkeypatch.setenv("FAKE_GO_VERSION", "1.20.1")
    result = matrix.run_row(Row("3.12", "3.272.0", "3.274.1"))
    assert result.startswith("skipped: the go on PATH")
    assert result.endswith("install Go 1.26.6 or newer")


def test_an_engine_of_the_matrix_is_built_once_and_used_by_no_other_command(go_log: Path, empty_cache: Path) -> None:
    find_or_build = matrix.find_or_build_engine.__wrapped__
    engine = find_or_build("3.274.1")
    assert engine == find_or_build("3.274.1")
    assert go_log.read_text().count("build ") == 1
    assert "Version=v3.274.1" in go_log.read_text()
    assert cache.find_newest() is None


@pytest.fixture
def fake_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows whose Python fails if the engine is 3.274.1, and which cannot be installed for the SDK 3.1.0."""
    write_executable(
        tmp_path / "environment" / "bin" / "python",
        '#!/bin/sh\ncase $PATH in *3.274.1*) echo "= 1 failed, 2 passed in 3.00s ="; exit 1;; esac\n'
        'echo "..[100%]"; echo "3 passed in 1.00s"\n',
    )

    def environment(name: str, *installations: object, interpreter: str) -> Path:
        if "3.1.0" in name:
            raise StepFailed("installing failed\n  no such version")
        return tmp_path / "environment"

    monkeypatch.setattr(matrix, "find_python", lambda version: "python")
    monkeypatch.setattr(matrix, "find_or_build_engine", lambda version: tmp_path / version)
    monkeypatch.setattr(matrix, "tool_environment", environment)
    for name in ("pyproject.toml", "requirements.txt"):
        (tmp_path / name).write_text((paths.CHECKOUT / name).read_text())
    monkeypatch.setattr(paths, "CHECKOUT", tmp_path)


def test_the_table_has_the_result_of_each_row(fake_row: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert matrix.run(["--python", "3.12", "--sdk", "3.1.0", "3.272.0"]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "Python  SDK        engine     result",
        "3.12    3.1.0      3.259.0    failed: installing failed (matrix/python3.12-pulumi3.1.0-engine3.259.0.log)",
        "3.12    3.1.0      3.274.1    failed: installing failed (matrix/python3.12-pulumi3.1.0-engine3.274.1.log)",
        "3.12    3.272.0    3.259.0    3 passed in 1.00s",
        "3.12    3.272.0    3.274.1    failed: 1 failed, 2 passed in 3.00s "
        "(matrix/python3.12-pulumi3.272.0-engine3.274.1.log)",
    ]
    assert "3 passed" in Path(paths.LOCAL / "matrix" / "python3.12-pulumi3.272.0-engine3.259.0.log").read_text()
