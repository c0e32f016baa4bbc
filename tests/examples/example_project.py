"""A copy of an example, with the emulator of the tests in place of the one that `make up` starts."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from tests.harness import CHECKOUT, Emulator
from tests.root_project.shell import assert_commands_print_what_is_shown, free_port, run_script, shell_commands

#: What each README begins with: the environment of the checkout, which the tests set themselves, and the folder.
PREPARATION = ['eval "$(make -s env)"', "cd examples/{name}"]
#: The exports of the tests are complete at once.
SHORT_POLLS = "  sagemakergeospatial:pollInterval: '0.1'\n"
EMULATOR_URL = "http://127.0.0.1:5577"
#: The port of the service in automation-api.
SERVICE_PORT = "8080"


class ExampleProject:
    """The example in the folder ``name``, copied to ``directory``."""

    def __init__(self, name: str, directory: Path, emulator: Emulator) -> None:
        self.name, self.directory, self.emulator = name, directory / name, emulator
        shutil.copytree(
            CHECKOUT / "examples" / name, self.directory, ignore=shutil.ignore_patterns(".*_cache", "__py*")
        )
        port = free_port()
        for path in self.directory.rglob("*"):
            if path.is_file():
                path.write_text(path.read_text().replace(EMULATOR_URL, emulator.url).replace(SERVICE_PORT, port))
        for stack_file in self.directory.glob("Pulumi.*.yaml"):
            stack_file.write_text(stack_file.read_text().replace("config:\n", f"config:\n{SHORT_POLLS}", 1))
        (directory / "state").mkdir()
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PULUMI_"))}
        self.env = inherited | {
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
            "PYTHONPATH": os.pathsep.join([str(CHECKOUT / "provider"), str(CHECKOUT / "emulator")]),
            "PULUMI_HOME": str(directory / "home"),
            "PULUMI_BACKEND_URL": f"file://{directory / 'state'}",
            "PULUMI_CONFIG_PASSPHRASE": "",
            "PULUMI_SKIP_UPDATE_CHECK": "1",
            "PULUMI_OPTION_SKIP_PLUGIN_PRE_INSTALL": "true",
        }

    def run(self, script: str, fails: bool = False) -> str:
        """Run a script in the example's folder and return its output, as :func:`run_script` does."""
        return run_script(script, self.directory, self.env, fails)

    def assert_readme_is_true(self) -> None:
        """Run the commands of the README, and assert that each prints the lines that are shown."""
        text = (self.directory / "README.md").read_text()
        commands = shell_commands(text)
        expected = [line.format(name=self.name) for line in PREPARATION]
        assert [command for command, _ in commands[:2]] == expected
        assert_commands_print_what_is_shown(commands[2:], self.directory, self.env, {})
