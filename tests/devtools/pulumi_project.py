"""A Pulumi project that runs on the real engine with this checkout's language host."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

COMMAND_TIMEOUT = 240  # seconds; far above what a command takes, also on a busy machine
CLI_OPTIONS = ["--non-interactive", "--color", "never"]


class PulumiProject:
    """One project with one stack; each test writes its own program and runs a command."""

    def __init__(self, directory: Path, engine: Path) -> None:
        self.directory = directory / "project"
        self.directory.mkdir()
        (directory / "state").mkdir()
        self.env = {
            **{name: value for name, value in os.environ.items() if not name.startswith("PULUMI_")},
            "PATH": os.pathsep.join([str(engine), str(Path(sys.executable).parent), os.environ["PATH"]]),
            "PULUMI_HOME": str(directory / "home"),
            "PULUMI_BACKEND_URL": f"file://{directory / 'state'}",
            "PULUMI_CONFIG_PASSPHRASE": "",
            "PULUMI_SKIP_UPDATE_CHECK": "1",
            "PULUMI_OPTION_SKIP_PLUGIN_PRE_INSTALL": "true",
        }
        self.write_settings()
        assert self.pulumi("stack", "init", "test").returncode == 0

    def write_settings(self, runtime_options: str = "", settings: str = "") -> None:
        """Write Pulumi.yaml with more lines under `runtime` and at the end."""
        self.write("Pulumi.yaml", f"name: project\nruntime:\n  name: python\n{runtime_options}{settings}")

    def write(self, name: str, text: str) -> Path:
        file = self.directory / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(text))
        return file

    def pulumi(self, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["pulumi", *arguments, *CLI_OPTIONS],
            cwd=self.directory,
            env={**self.env, **env},
            capture_output=True,
            text=True,
            timeout=COMMAND_TIMEOUT,
            check=False,
        )

    def preview(self, program: str) -> subprocess.CompletedProcess[str]:
        self.write("__main__.py", program)
        return self.pulumi("preview")

    def up(self, program: str, **env: str) -> subprocess.CompletedProcess[str]:
        self.write("__main__.py", program)
        return self.pulumi("up", "--yes", "--skip-preview", **env)

    @contextmanager
    def background_preview(self, program: str) -> Iterator[subprocess.Popen[str]]:
        """Start `pulumi preview` in a session of its own, with stdout and stderr in one pipe; kill it at the end."""
        self.write("__main__.py", program)
        with subprocess.Popen(
            ["pulumi", "preview", *CLI_OPTIONS],
            cwd=self.directory,
            env=self.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        ) as process:
            try:
                yield process
            finally:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
