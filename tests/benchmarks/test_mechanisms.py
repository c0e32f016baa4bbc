"""Mechanisms are disabled in the dynamic provider host; a provider that lacks one is reported. The provider is a fake."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.mechanisms import MECHANISMS, MechanismError, locate, write_sitecustomize

#: The modules that mechanisms are disabled in, as the provider has them, and one that has copied a name.
FAKE_PROVIDER = {
    "__init__.py": "",
    "_runtime/__init__.py": "",
    "_runtime/dynamic_host.py": """\
from .host_process import signal_wakeup

class DynamicHost:
    def raise_worker_limit(self):
        print("pool widened")
""",
    "_runtime/host_process.py": """\
def signal_wakeup():
    return lambda: print("main thread woken")
""",
}
#: Prints what is still enabled.
FAKE_HOST = """\
from pulumi_sagemaker_geospatial._runtime import dynamic_host, host_process

dynamic_host.DynamicHost().raise_worker_limit()
dynamic_host.signal_wakeup()()
host_process.signal_wakeup()()
"""
ALL_ENABLED = "pool widened\nmain thread woken\nmain thread woken\n"


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    """A folder with a fake provider and a fake `pulumi.dynamic`."""
    folder = tmp_path / "packages"
    files = {f"pulumi_sagemaker_geospatial/{name}": text for name, text in FAKE_PROVIDER.items()}
    files.update({"pulumi/__init__.py": "", "pulumi/dynamic/__init__.py": "", "pulumi/dynamic/__main__.py": FAKE_HOST})
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def run(packages: Path, disabled: list[str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the interpreter with the mechanisms disabled; by default as the engine starts the dynamic provider host."""
    folder = write_sitecustomize(packages.parent / "without", disabled)
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(folder), str(packages)])}
    command = [sys.executable, "-u", *(arguments or ("-m", "pulumi.dynamic", "127.0.0.1:1"))]
    return subprocess.run(command, env=env, cwd=packages.parent, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize(
    ("disabled", "output"),
    [
        ([], ALL_ENABLED),
        (["widened-pool"], "main thread woken\nmain thread woken\n"),
        (["wakeup-thread"], "pool widened\n"),
        (list(MECHANISMS), ""),
    ],
)
def test_the_host_runs_without_the_mechanisms(packages: Path, disabled: list[str], output: str) -> None:
    result = run(packages, disabled)
    assert (result.stdout, result.stderr, result.returncode) == (output, "", 0)


def test_other_processes_keep_the_mechanisms(packages: Path) -> None:
    result = run(packages, list(MECHANISMS), str(packages / "pulumi" / "dynamic" / "__main__.py"))
    assert (result.stdout, result.returncode) == (ALL_ENABLED, 0)


@pytest.mark.parametrize("text", ["class DynamicHost: pass\n", "", None], ids=["method", "class", "module"])
def test_a_missing_mechanism_ends_the_host_with_one_sentence(packages: Path, text: str | None) -> None:
    path = packages / "pulumi_sagemaker_geospatial" / "_runtime" / "dynamic_host.py"
    path.unlink() if text is None else path.write_text(text)
    result = run(packages, ["widened-pool"])
    assert result.returncode == 1
    assert result.stdout == ""
    assert result.stderr.startswith("error: cannot disable widened-pool: ")
    assert "DynamicHost.raise_worker_limit is missing" in result.stderr
    assert result.stderr.count("\n") == 1


def test_an_unknown_mechanism_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MechanismError, match="unknown mechanism magic; choose from widened-pool"):
        write_sitecustomize(tmp_path, ["magic"])


@pytest.mark.parametrize("name", MECHANISMS)
def test_the_provider_has_each_mechanism(name: str) -> None:
    pytest.importorskip("pulumi_sagemaker_geospatial._runtime")
    locate(name)
