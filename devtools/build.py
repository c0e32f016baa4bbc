"""Build of the engine with Go, from the module versions that go.mod and go.sum pin."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from . import cache, paths
from .errors import StepFailed
from .log import log_step
from .subprocesses import run_with_progress

GO_PACKAGE = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
VERSION_VARIABLE = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version"
PACKAGES = 1_700
"""About how many packages a build compiles: what `go list -deps` lists."""
_FIRST_WITH_TOOLCHAINS: cache.Version = (1, 21, 0)  # Go that downloads the version that go.mod requires


def required_go_version(source: Path = paths.DEVTOOLS) -> str:
    """Return the Go version that go.mod requires."""
    match = re.search(r"^go (\S+)$", (source / "go.mod").read_text(), re.MULTILINE)
    return match[1] if match else "1.25.11"


def build_engine(source: Path = paths.DEVTOOLS, target: Path | None = None) -> Path:
    """Build the engine into the cache and return its bin directory.

    Args:
        source: The directory of the go.mod and go.sum.
        target: The engine's directory; by default the one that the other commands look for.

    Raises:
        StepFailed: Go is missing or too old, or the build failed.
    """
    go = find_go(required_go_version(source))
    version = cache.required_version(source)
    target = target or cache.root() / version
    log_step(
        f"building Pulumi {version} with Go, once: about 6 minutes on two cores, and longer where its modules are downloaded "
        f"first; it is cached in {cache.root()}"
    )
    with cache.staging_directory() as staging:
        (staging / "bin").mkdir()
        command = [go, "build", "-v", "-mod=readonly", "-trimpath"]
        command += ["-ldflags", f"-s -w -X {VERSION_VARIABLE}=v{version}"]
        command += ["-o", str(staging / "bin" / "pulumi"), GO_PACKAGE]
        run_with_progress(command, label="building the engine", describe_line=BuildProgress(), cwd=source)
        cache.publish(staging, target)
    return cache.with_plugins(target)


def find_go(required: str) -> str:
    """Return the path of a Go command that is new enough, or that can download a newer Go."""
    go = shutil.which("go")
    if go is None:
        raise StepFailed(f"no go on PATH: install Go {required} or newer")
    env = {**os.environ, "GOTOOLCHAIN": "local"}
    result = subprocess.run([go, "version"], capture_output=True, text=True, env=env, check=False)
    installed = _parse_go_version(result.stdout)
    is_new_enough = installed >= (cache.parse_version(required) or installed)
    text = ".".join(map(str, installed))
    downloads_disabled = os.environ.get("GOTOOLCHAIN") == "local"
    if installed < _FIRST_WITH_TOOLCHAINS or (downloads_disabled and not is_new_enough):
        raise StepFailed(f"the go on PATH ({go}) is {text}: install Go {required} or newer")
    if not is_new_enough:
        log_step(f"go {text} downloads go {required} first")
    return go


def _parse_go_version(text: str) -> cache.Version:
    match = re.search(r"go(\d+)\.(\d+)(?:\.(\d+))?", text)
    return (int(match[1]), int(match[2]), int(match[3] or 0)) if match else (0, 0, 0)


class BuildProgress:
    """Counts the modules and packages in the output of `go build -v`."""

    def __init__(self) -> None:
        self.downloaded = self.compiled = 0

    def __call__(self, line: str) -> str:
        if line.startswith("go: downloading"):
            self.downloaded += 1
        elif not line.startswith("go: "):
            self.compiled += 1
        return f"{self.downloaded} modules downloaded, {self.compiled} of about {PACKAGES:,} packages compiled"
