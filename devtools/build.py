"""The engine built by Go from the module that go.mod and go.sum pin, where no ready one can be had."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from . import cache
from .say import Failed, run_with_progress, say

PACKAGE = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
STAMP = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version"


def needed_go() -> str:
    match = re.search(r"^go (\S+)$", (cache.HERE / "go.mod").read_text(), re.MULTILINE)
    return match[1] if match else "1.25.11"


def build() -> Path:
    """Build into a temporary directory, move it into the cache, and return the engine's bin directory."""
    go = shutil.which("go")
    if go is None:
        raise Failed(f"there is no go on PATH: install Go {needed_go()} or newer")
    answer = subprocess.run(
        [go, "version"], capture_output=True, text=True, env={**os.environ, "GOTOOLCHAIN": "local"}, check=False
    )
    match = re.search(r"go(\d+)\.(\d+)(?:\.(\d+))?", answer.stdout)
    have = (int(match[1]), int(match[2]), int(match[3] or 0)) if match else (0, 0, 0)
    need = cache.parse_version(needed_go())
    assert need is not None
    if have < (1, 21, 0) or (have < need and os.environ.get("GOTOOLCHAIN") == "local"):
        raise Failed(f"the go on PATH ({go}) is {'.'.join(map(str, have))}: install Go {needed_go()} or newer")
    version = cache.pinned()
    say(f"building Pulumi {version} from its Go module: a few minutes, once; it stays in {cache.root()}")
    if have < need:
        say(f"go {'.'.join(map(str, have))} first fetches go {needed_go()}")
    with cache.workplace() as temporary:
        (temporary / "bin").mkdir()
        command = [go, "build", "-v", "-mod=readonly", "-trimpath"]
        command += ["-ldflags", f"-s -w -X {STAMP}=v{version}", "-o", str(temporary / "bin" / "pulumi"), PACKAGE]
        run_with_progress(command, what="building the engine", describe=_Progress(), cwd=cache.HERE)
        cache.put(temporary, cache.root() / version)
    return cache.complete(cache.root() / version)


class _Progress:
    """Counts what `go build -v` names: modules as they are fetched, packages as they are compiled."""

    def __init__(self) -> None:
        self.fetched = self.compiled = 0

    def __call__(self, line: str) -> str:
        if line.startswith("go: downloading"):
            self.fetched += 1
        elif not line.startswith("go: "):
            self.compiled += 1
        return f"{self.fetched} modules fetched, {self.compiled} packages compiled"
