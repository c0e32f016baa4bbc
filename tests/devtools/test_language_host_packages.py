"""The plugins of installed packages, as Pulumi's own language host finds them."""

from __future__ import annotations

import base64
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from devtools import paths

sys.path.append(str(paths.PLUGINS))
import language_host_packages as packages

PARAMETERIZATION = {"name": "inner", "version": "2.0.0", "value": base64.b64encode(b"schema").decode()}


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory of installed packages, which is all that can be imported."""
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    return tmp_path


def install(site: Path, name: str, version: str, plugin: dict[str, Any] | None = None) -> None:
    module = site / name.replace("-", "_")
    module.mkdir()
    if plugin is not None:
        (module / "pulumi-plugin.json").write_text(json.dumps(plugin))
    metadata = site / f"{module.name}-{version}.dist-info" / "METADATA"
    metadata.parent.mkdir()
    metadata.write_text(f"Name: {name}\nVersion: {version}\n")


def test_a_file_says_whether_a_package_has_a_plugin_and_else_its_name_does(site: Path) -> None:
    install(site, "boto3", "1.35.0")
    install(site, "pulumi", "3.259.0")
    install(site, "pulumi-policy", "1.21.0")
    install(site, "pulumi-no-plugin", "1.0.0", {"resource": False})
    install(site, "Pulumi_Named", "4.5")
    install(site, "pulumi-unknown-version", "1!2.0")
    install(
        site, "pulumi-described", "1.0.0", {"resource": True, "name": "acme", "version": "7.8.9", "server": "https://a"}
    )
    install(site, "acme-provider", "1.0.0", {"resource": True, "name": "other", "parameterization": PARAMETERIZATION})
    found = {each.name: each for each in packages.list_required_plugins()}
    assert {name: (each.kind, each.version, each.server) for name, each in found.items()} == {
        "named": ("resource", "v4.5.0", ""),
        "acme": ("resource", "v7.8.9", "https://a"),
        "other": ("resource", "v1.0.0", ""),
    }
    assert found["other"].parameterization.value == b"schema"
    assert not found["acme"].HasField("parameterization")


@pytest.mark.parametrize(
    ("package", "plugin"),
    [
        ("1.2.3", "1.2.3"),
        ("1", "1.0.0"),
        ("1.2.3.4", "1.2.3.4"),
        ("1.2rc1", "1.2.0-rc.1"),
        ("1.2.3a4", "1.2.3-alpha.4"),
        ("1.2.3b4.post5.dev6", "1.2.3-beta.4+post5dev6"),
        ("1.2.3.dev6", "1.2.3+dev6"),
        ("1!2.0", None),
        ("2.0+local", None),
        ("unknown", None),
    ],
)
def test_the_version_of_a_plugin_follows_from_the_packages_version(package: str, plugin: str | None) -> None:
    assert packages.plugin_version(package) == plugin
