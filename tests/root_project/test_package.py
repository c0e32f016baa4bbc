"""The package as a wheel and as an editable install: its files, and what Pulumi finds in it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

PACKAGES = ("pulumi_sagemaker_geospatial", "moto_sagemaker_geospatial")
PIP_OPTIONS = ["--disable-pip-version-check", "--no-input", "--no-deps"]


class Environment:
    """A Pulumi project whose virtual environment has one package, and inherits the requirements of this run."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.venv = directory / "venv"
        subprocess.run([sys.executable, "-m", "venv", str(self.venv)], check=True)
        [self.packages] = (self.venv / "lib").glob("python*/site-packages")
        (directory / "Pulumi.yaml").write_text("name: a\nruntime: {name: python, options: {virtualenv: venv}}\n")

    def install(self, *arguments: str) -> None:
        self.run([str(self.venv / "bin/python"), "-m", "pip", "install", "--force-reinstall", *PIP_OPTIONS, *arguments])
        (self.packages / "zz-inherited.pth").write_text(sysconfig.get_path("purelib") + "\n")

    def locations(self) -> list[Path]:
        """Return the directories from which the packages are imported."""
        program = f"import {', '.join(PACKAGES)}\nfor each in ({', '.join(PACKAGES)}): print(each.__file__)"
        output = self.run([str(self.venv / "bin/python"), "-c", program])
        return [Path(line).parent for line in output.splitlines()]

    def plugins(self) -> set[str]:
        """Return the plugins that the packages of the project need, according to the language host."""
        about = json.loads(self.run(["pulumi", "about", "--json"]))
        return {each["name"] for each in about["plugins"]}

    def run(self, command: list[str]) -> str:
        env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        env |= {"PULUMI_HOME": str(self.directory / "home"), "PULUMI_BACKEND_URL": f"file://{self.directory}"}
        done = subprocess.run(
            command, cwd=self.directory, env=env, capture_output=True, text=True, timeout=240, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def environment(engine: None, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    return Environment(tmp_path_factory.mktemp("project"))


def test_the_wheel_is_complete_and_needs_no_plugin(checkout: Path, environment: Environment) -> None:
    """`pip install git+…` builds and installs the same wheel from a clone."""
    dist = checkout.parent / "dist"
    environment.run([sys.executable, "-m", "pip", "wheel", *PIP_OPTIONS, "--wheel-dir", str(dist), str(checkout)])
    [wheel] = dist.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert {f"{package}/py.typed" for package in PACKAGES} <= set(names)
    assert any(name.endswith("licenses/LICENSE") for name in names)
    environment.install(str(wheel))
    shutil.rmtree(checkout)
    assert environment.locations() == [environment.packages / name for name in PACKAGES]
    assert_no_plugin(environment)


def test_an_editable_install_needs_no_plugin(checkout: Path, environment: Environment) -> None:
    environment.install("--editable", str(checkout))
    assert environment.locations() == [checkout / "provider" / PACKAGES[0], checkout / "emulator" / PACKAGES[1]]
    assert_no_plugin(environment)


def assert_no_plugin(environment: Environment) -> None:
    """Assert that pulumi-plugin.json is what tells Pulumi that the package has no plugin."""
    plugins = environment.plugins()
    assert "aws" in plugins, "pulumi-aws is among the inherited requirements"
    (environment.locations()[0] / "pulumi-plugin.json").unlink()
    assert environment.plugins() - plugins == {"sagemaker-geospatial"}
