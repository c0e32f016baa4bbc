"""The virtual environment: creation, interruption and update."""

from __future__ import annotations

import hashlib
import signal
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from .checkout_copy import TIMEOUT, copy_checkout, link_interpreter, run_code
from .engine_fakes import wait_until

UV = Path(sysconfig.get_path("scripts")) / "uv"
CREATE = "from devtools import venv; print(venv.create_or_update())"


def interrupt_creation(checkout: Path, number: signal.Signals) -> None:
    """Send the signal while the virtual environment is incomplete."""
    config = checkout / ".venv" / "pyvenv.cfg"  # one of the first files that are written
    previous = config.stat().st_mtime_ns if config.exists() else 0

    def has_new_config() -> bool:
        try:
            return config.stat().st_mtime_ns > previous
        except FileNotFoundError:
            return False

    command = [sys.executable, "-c", CREATE]
    with subprocess.Popen(command, cwd=checkout, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            wait_until(has_new_config)
            process.send_signal(number)
            process.wait(timeout=TIMEOUT)
        finally:
            process.kill()


@pytest.fixture(scope="module")
def created(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the checkout whose virtual environment was created after two interruptions."""
    checkout = copy_checkout(tmp_path_factory.mktemp("created") / "a checkout")
    for number in (signal.SIGKILL, signal.SIGINT):
        interrupt_creation(checkout, number)
        assert not (checkout / ".venv" / "installed").exists()
    result = run_code(checkout, CREATE)
    assert result.returncode == 0, result.stderr
    assert result.stdout.strip() == str(checkout / ".venv" / "bin" / "python")
    return checkout


def test_an_interrupted_environment_is_created_again_and_then_kept(created: Path) -> None:
    pip = [str(created / ".venv" / "bin" / "python"), "-m", "pip", "--version"]
    assert subprocess.run(pip, capture_output=True, check=False).returncode == 0
    assert run_code(created, CREATE).stderr == "", "no step is repeated"
    for file in ("requirements.txt", "constraints.txt"):
        (created / file).write_text("# changed\n")
        updated = run_code(created, CREATE)
        assert "installing the requirements" in updated.stderr
        assert "creating" not in updated.stderr


def write_wheel(directory: Path, name: str, files: dict[str, bytes]) -> str:
    """Write a wheel of version 1.0, and return its hash."""
    info = f"{name}-1.0.dist-info"
    files |= {
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n".encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/RECORD": b"",
    }
    with zipfile.ZipFile(directory / f"{name}-1.0-py3-none-any.whl", "w") as wheel:
        for path, content in files.items():
            entry = zipfile.ZipInfo(path)
            entry.external_attr = 0o100755 << 16
            wheel.writestr(entry, content)
    return hashlib.sha256(Path(str(wheel.filename)).read_bytes()).hexdigest()


def test_a_file_that_is_not_the_one_in_the_lock_is_refused_by_uv_and_by_pip(created: Path, tmp_path: Path) -> None:
    uv = write_wheel(tmp_path, "uv", {"uv-1.0.data/scripts/uv": UV.read_bytes()})
    digest = write_wheel(tmp_path, "example", {"example.py": b""})
    source = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(tmp_path)}
    for locked, messages in ((digest[::-1], ["; trying again with pip", "DO NOT MATCH THE HASHES"]), (digest, [])):
        lines = [f"uv==1.0 --hash=sha256:{uv}", f"example==1.0 --hash=sha256:{locked}"]
        (created / "constraints.txt").write_text("\n".join(lines))
        result = run_code(created, CREATE, **source)
        assert (result.returncode != 0) == bool(messages), result.stderr
        assert [message for message in messages if message not in result.stderr] == []
        assert (created / ".venv" / "installed").exists() != bool(messages)
    [installer] = (created / ".venv").glob("lib/*/site-packages/example-1.0.dist-info/INSTALLER")
    assert installer.read_text().strip() == "uv"


def test_a_failed_installation_shows_pips_error(checkout: Path) -> None:
    link_interpreter(checkout)
    (checkout / "requirements.txt").write_text("./no-such-directory\n")
    result = run_code(checkout, "from devtools import venv; venv.create = lambda path: None; venv.create_or_update()")
    assert result.returncode != 0
    assert "no-such-directory" in result.stderr
    assert not (checkout / ".venv" / "installed").exists()
