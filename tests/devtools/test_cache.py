"""Engines in the cache, and this checkout's plugins beside a built engine."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from devtools import cache, locate, paths

from .engine_fakes import PLUGINS, write_engine


def test_the_newest_supported_engine_is_used(empty_cache: Path) -> None:
    write_engine(empty_cache / "3.100.0" / "bin", "3.100.0", *PLUGINS)
    assert cache.find_newest() is None
    write_engine(empty_cache / "3.259.0" / "bin", "3.259.0", *PLUGINS)
    newest = write_engine(empty_cache / "3.1000.0" / "bin", "3.1000.0", *PLUGINS)
    assert locate.find_or_install() == newest


def test_a_built_engine_has_this_checkouts_plugins_beside_it(empty_cache: Path) -> None:
    write_engine(empty_cache / "3.259.0" / "bin", "3.259.0")
    engine = cache.find_newest()
    assert engine is not None
    sources = {file.name for file in paths.PLUGINS.iterdir() if file.is_file()}
    assert {file.name for file in engine.iterdir()} == {"pulumi", *sources}
    assert all(os.access(engine / name, os.X_OK) for name in ("pulumi", *PLUGINS))
    assert cache.find_newest() == engine


@pytest.mark.parametrize("name", sorted(file.name for file in paths.PLUGINS.iterdir() if file.is_file()))
def test_a_change_of_any_plugin_file_creates_another_directory(
    empty_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    write_engine(empty_cache / "3.259.0" / "bin", "3.259.0")
    first = cache.find_newest()
    assert first is not None
    shutil.copytree(paths.PLUGINS, tmp_path / "plugins", ignore=shutil.ignore_patterns("__pycache__"))
    with open(tmp_path / "plugins" / name, "a") as file:
        file.write("# changed\n")
    monkeypatch.setattr(paths, "PLUGINS", tmp_path / "plugins")
    second = cache.find_newest()
    assert second is not None
    assert second != first
    assert first.exists()
    assert (second / name).read_text().endswith("# changed\n")


def test_the_cache_has_no_path_of_the_checkout(empty_cache: Path) -> None:
    write_engine(empty_cache / "3.259.0" / "bin", "3.259.0")
    engine = cache.find_newest()
    assert engine is not None
    assert not [file for file in engine.iterdir() if str(paths.CHECKOUT).encode() in file.read_bytes()]
