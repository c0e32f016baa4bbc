"""The distributions: their files, their installation into a clean environment, and what Pulumi finds in them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from email.message import Message
from email.parser import Parser
from pathlib import Path

import pytest

from tests.harness import CHECKOUT

PACKAGES = ("pulumi_sagemaker_geospatial", "moto_sagemaker_geospatial")
PROJECTS = {PACKAGES[0]: "", PACKAGES[1]: "emulator"}
#: Files that a wheel has to have beside the modules.
DATA = {
    PACKAGES[0]: [
        *("py.typed", "pulumi-plugin.json", "_report/templates/report.html.j2"),
        *(f"policies/{name}.json" for name in ("bucket", "caller", "execution-role", "execution-role-trust", "key")),
    ],
    PACKAGES[1]: ["py.typed"],
}
#: What builds the packages; `--no-build-isolation` takes it from there.
BUILD_BACKEND = ("hatchling", "packaging", "pathspec", "pluggy", "trove_classifiers")
PIP_OPTIONS = ["--disable-pip-version-check", "--no-input", "--no-deps", "--no-build-isolation", "--force-reinstall"]
ARN = "arn:aws:sagemaker-geospatial:us-west-2:123456789012:earth-observation-job/lake00000000"


def run(command: list[str], directory: Path, **more: str) -> str:
    env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | more
    done = subprocess.run(command, cwd=directory, env=env, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


class Environment:
    """A Pulumi project whose virtual environment has the two packages, and inherits the requirements of this run."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.venv = directory / "venv"
        subprocess.run([sys.executable, "-m", "venv", str(self.venv)], check=True)
        [self.packages] = (self.venv / "lib").glob("python*/site-packages")
        (directory / "Pulumi.yaml").write_text("name: a\nruntime: {name: python, options: {virtualenv: venv}}\n")
        (directory / "backend").mkdir()
        for name in BUILD_BACKEND:
            (directory / "backend" / name).symlink_to(Path(sysconfig.get_path("purelib")) / name)

    def install(self, *arguments: str) -> None:
        inherited = self.packages / "zz-inherited.pth"
        inherited.unlink(missing_ok=True)  # pip would take this run's own installation for one to replace
        self.python("-m", "pip", "install", *PIP_OPTIONS, *arguments, PYTHONPATH=str(self.directory / "backend"))
        inherited.write_text(sysconfig.get_path("purelib") + "\n")

    def python(self, *arguments: str, **env: str) -> str:
        return run([str(self.venv / "bin/python"), *arguments], self.directory, **env)

    def locations(self) -> list[Path]:
        """Return the directories from which the packages are imported."""
        program = f"import {', '.join(PACKAGES)}\nfor each in ({', '.join(PACKAGES)}): print(each.__file__)"
        return [Path(line).parent for line in self.python("-c", program).splitlines()]

    def plugins(self) -> set[str]:
        """Return the plugins that the packages of the project need, according to the language host."""
        places = {"PULUMI_HOME": str(self.directory / "home"), "PULUMI_BACKEND_URL": f"file://{self.directory}"}
        about = json.loads(run(["pulumi", "about", "--json"], self.directory, **places))
        return {each["name"] for each in about["plugins"]}


@pytest.fixture(scope="module")
def environment(engine: None, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    return Environment(tmp_path_factory.mktemp("project"))


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with the sdist of each project, and with the wheel that is built from it."""
    dist = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "hatchling", "build", "-d", str(dist), "-t"]
    for package, folder in PROJECTS.items():
        run([*build, "sdist"], CHECKOUT / folder)
        [sdist] = dist.glob(f"{package}-*.tar.gz")
        with tarfile.open(sdist) as archive:
            archive.extractall(dist / "sources", filter="data")
        run([*build, "wheel"], dist / "sources" / sdist.name.removesuffix(".tar.gz"))
    return dist


def wheel(dist: Path, package: str) -> Path:
    [found] = dist.glob(f"{package}-*.whl")
    return found


def metadata(dist: Path, package: str) -> Message:
    with zipfile.ZipFile(wheel(dist, package)) as archive:
        [name] = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        return Parser().parsestr(archive.read(name).decode())


@pytest.mark.parametrize("package", PACKAGES)
def test_an_sdist_and_its_wheel_have_every_file_of_the_package_and_nothing_else(dist: Path, package: str) -> None:
    names = set(zipfile.ZipFile(wheel(dist, package)).namelist())
    source = next(CHECKOUT.glob(f"*/{package}"))
    modules = {path.relative_to(source.parent).as_posix() for path in source.rglob("*.py")}
    expected = modules | {f"{package}/{name}" for name in DATA[package]}
    assert {name for name in names if ".dist-info/" not in name} == expected
    assert any(name.endswith("licenses/LICENSE") for name in names)
    [folder] = (dist / "sources").glob(f"{package}-*")
    more = {"provider", "CHANGELOG.md", "SECURITY.md"} if package == PACKAGES[0] else {package}
    assert {path.name for path in folder.iterdir()} - {".gitignore"} == {
        *("LICENSE", "PKG-INFO", "README.md", "pyproject.toml"),
        *more,
    }


def test_the_metadata_tells_what_a_package_index_shows(dist: Path) -> None:
    provider, emulator = (metadata(dist, package) for package in PACKAGES)
    for each in (provider, emulator):
        assert each["License-Expression"] == "Apache-2.0"
        assert each["Keywords"]
        assert "Typing :: Typed" in each.get_all("Classifier", [])
        urls = [line.partition(",")[0] for line in each.get_all("Project-URL", [])]
        assert urls == ["Homepage", "Documentation", "Repository", "Changelog", "Issues"]
    extra = [line for line in provider.get_all("Requires-Dist", []) if 'extra == "emulator"' in line.replace("'", '"')]
    [name] = [re.split(r"[^\w-]", line)[0] for line in extra]
    assert name == emulator["Name"] == "moto-sagemaker-geospatial"
    assert "pulumi" not in " ".join(emulator.get_all("Requires-Dist", []))


def test_both_projects_have_the_same_license() -> None:
    assert (CHECKOUT / "emulator" / "LICENSE").read_text() == (CHECKOUT / "LICENSE").read_text()


def test_the_wheels_work_in_a_clean_environment_and_need_no_plugin(dist: Path, environment: Environment) -> None:
    """`pip install git+…` builds and installs the same wheels from a clone."""
    environment.install(*(str(wheel(dist, package)) for package in PACKAGES))
    assert environment.locations() == [environment.packages / name for name in PACKAGES]
    role, destination = "arn:aws:iam::123456789012:role/eoj-export", "s3://bucket/prefix/"
    arguments = ["policies", "--job", ARN, "--destination", destination, "--role", role]
    assert {"caller", "execution-role"} <= json.loads(environment.python("-m", PACKAGES[0], *arguments)).keys()
    assert "--demo" in environment.python("-m", PACKAGES[1], "--help")
    assert_no_plugin(environment)


def test_an_editable_install_needs_no_plugin(checkout: Path, environment: Environment) -> None:
    environment.install("--editable", str(checkout), "--editable", str(checkout / "emulator"))
    assert environment.locations() == [checkout / "provider" / PACKAGES[0], checkout / "emulator" / PACKAGES[1]]
    assert_no_plugin(environment)


def assert_no_plugin(environment: Environment) -> None:
    """Assert that pulumi-plugin.json is what tells Pulumi that the package has no plugin."""
    plugins = environment.plugins()
    assert "aws" in plugins, "pulumi-aws is among the inherited requirements"
    (environment.locations()[0] / "pulumi-plugin.json").unlink()
    assert environment.plugins() - plugins == {"sagemaker-geospatial"}
