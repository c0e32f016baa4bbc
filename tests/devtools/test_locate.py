"""Selection of the engine's source, and engines on PATH; no real engine is used."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from devtools import cache, locate
from devtools.errors import StepFailed

from .engine_fakes import PLUGINS, write_engine


def test_a_recent_engine_on_path_with_its_plugins_is_used(empty_cache: Path, tmp_path: Path) -> None:
    engine = write_engine(tmp_path / "bin", "3.300.0", *PLUGINS)
    assert locate.find_or_install() == engine
    assert not empty_cache.exists(), "nothing is cached"


@pytest.mark.parametrize(
    ("version", "plugins", "reason"),
    [
        ("3.258.9", PLUGINS, "is v3.258.9"),
        ("of unknown age", PLUGINS, "or newer is required"),
        ("3.300.0", PLUGINS[:1], f"has no {cache.DYNAMIC_PLUGIN}"),
        ("3.300.0", (), f"has no {cache.LANGUAGE_PLUGIN}"),
    ],
)
def test_an_unsuitable_engine_on_path_is_skipped_with_the_reason(
    empty_cache: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    version: str,
    plugins: tuple[str, ...],
    reason: str,
) -> None:
    write_engine(tmp_path / "bin", version, *plugins)
    assert locate.find_on_path() is None
    assert reason in capsys.readouterr().err


def test_a_cached_engine_on_path_does_not_hide_this_checkouts_plugins(
    empty_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_engine(empty_cache / "3.259.0" / "bin", "3.259.0")
    older = write_engine(empty_cache / "3.259.0" / "with-plugins-older", "3.259.0", *PLUGINS)
    monkeypatch.setenv("PATH", f"{older}{os.pathsep}{os.environ['PATH']}")
    engine = locate.find_on_path()
    assert engine is not None
    assert engine.parent == older.parent
    assert engine != older


def test_the_error_without_any_engine_says_what_to_install(
    empty_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("PULUMI_ENGINE_FROM", "path,cache,build")
    with pytest.raises(StepFailed, match=r"install Pulumi 3\.259\.0 or newer .* or Go 1\.\d+"):
        locate.find_or_install()


def test_an_unknown_source_is_rejected(empty_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_ENGINE_FROM", "elsewhere")
    with pytest.raises(StepFailed, match="unknown source elsewhere; expected path, cache, installer, build"):
        locate.find_or_install()
