"""The packages that are installed in the program's Python environment, and the plugins that they need."""

from __future__ import annotations

import base64
import importlib.metadata
import importlib.util
import json
import os
import re
from typing import Any

from pulumi.runtime.proto import plugin_pb2

_PLUGIN_FILE = "pulumi-plugin.json"
_WITHOUT_PLUGIN = frozenset({"pulumi-policy", "pulumi-esc-sdk"})
"""Packages of Pulumi that have no plugin, and no file that says so."""
_PRE_RELEASES = {"a": "alpha", "b": "beta", "rc": "rc"}


def list_packages(transitive: bool) -> list[tuple[str, str]]:
    """Return the name and version of each installed package; without `transitive`, only those no other one requires."""
    installed = _installed()
    requirements = [requirement for each in installed.values() for requirement in each.requires or ()]
    required = {_normalize(re.split(r"[^\w.-]", requirement, maxsplit=1)[0]) for requirement in requirements}
    names = set(installed) if transitive else set(installed) - required
    return [(name, installed[name].version) for name in sorted(names)]


def list_required_plugins() -> list[Any]:
    """Return the plugins of the installed packages by the rules of Pulumi's own language host.

    The file `pulumi-plugin.json` in a package's module describes its plugin, or says with `{"resource": false}` that it
    has none. A package named `pulumi-*` without the file is taken for a provider's.

    Raises:
        ValueError: A file is not valid; the message names it.
    """
    candidates = ((name, each) for name, each in sorted(_installed().items()) if name not in _WITHOUT_PLUGIN)
    plugins = (_required_plugin(name, each, _read_plugin_file(each)) for name, each in candidates)
    return [plugin for plugin in plugins if plugin is not None]


def _installed() -> dict[str, importlib.metadata.Distribution]:
    """Return the distribution that is imported for each name: the first one on sys.path."""
    found: dict[str, importlib.metadata.Distribution] = {}
    for each in importlib.metadata.distributions():
        if name := each.metadata["Name"]:  # None for the rest of an interrupted uninstallation
            found.setdefault(_normalize(name), each)
    return found


def _normalize(name: str) -> str:
    """Return the canonical package name of PEP 503."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _read_plugin_file(distribution: importlib.metadata.Distribution) -> dict[str, Any] | None:
    """Return the content of the file beside the package's `__init__.py`, also in an editable install, or None."""
    try:
        spec = importlib.util.find_spec(distribution.metadata["Name"].replace("-", "_"))
    except (ImportError, ValueError):
        return None
    for location in (spec and spec.submodule_search_locations) or ():
        path = os.path.join(location, _PLUGIN_FILE)
        if os.path.isfile(path):
            return _parse_plugin_file(path)
    return None


def _parse_plugin_file(path: str) -> dict[str, Any]:
    try:
        with open(path, encoding="utf-8") as file:
            content = json.load(file)
    except ValueError as error:
        raise ValueError(f"{path} is not valid JSON: {error}") from error
    if not isinstance(content, dict):
        raise ValueError(f"{path} has no JSON object")
    return content


def _required_plugin(name: str, distribution: importlib.metadata.Distribution, file: dict[str, Any] | None) -> Any:
    """Return the plugin of a package, or None if it has none or if its version is not known."""
    described: dict[str, Any] = {"resource": name.startswith("pulumi-")} if file is None else file
    if not described.get("resource"):
        return None
    version = described.get("version") or plugin_version(distribution.version)
    if version is None:
        return None
    return plugin_pb2.PackageDependency(
        name=described.get("name") or name.removeprefix("pulumi-"),
        kind="resource",
        version="v" + version.removeprefix("v"),
        server=described.get("server") or "",
        parameterization=_parameterization(described.get("parameterization")),
        extension=_parameterization(described.get("extensionParameterization")),
    )


def _parameterization(described: dict[str, str] | None) -> Any:
    if described is None:
        return None
    return plugin_pb2.PackageParameterization(
        name=described.get("name", ""),
        version=described.get("version", ""),
        value=base64.b64decode(described.get("value", "")),
    )


def plugin_version(package_version: str) -> str | None:
    """Return the semantic version of the plugin for a package version (`1.2rc1` is `1.2.0-rc.1`), or None."""
    match = re.fullmatch(r"(\d+(?:\.\d+)*)(?:(a|b|rc)(\d*))?(\.post\d*)?(\.dev\d*)?", package_version, re.ASCII)
    if match is None:
        return None
    release, kind, number, post, dev = match.groups()
    version = ".".join([*release.split("."), "0", "0"][: max(3, release.count(".") + 1)])
    pre_release = f"-{_PRE_RELEASES[kind]}.{number}" if kind else ""
    build = f"{post or ''}{dev or ''}".replace(".", "")
    return version + pre_release + (f"+{build}" if build else "")
