"""`make audit`: what it reports where the advisories can be read, and where they cannot."""

from __future__ import annotations

from pathlib import Path

import pytest

from devtools import audit, paths

from .engine_fakes import write_executable

NO_CONNECTION = 'echo "ERROR:pip_audit._cli:Could not connect to the feed" >&2; exit 1'
FINDS_CANARY = 'case "$*" in *canary*) echo "urllib3 1.24.1  PYSEC-2021-108 1.26.5"; exit 1;; esac'


@pytest.mark.parametrize(
    ("program", "code", "message"),
    [
        (NO_CONNECTION, audit.NOT_AUDITED, "nothing was audited, because the advisories cannot be read here: ERROR"),
        (
            'echo "No known vulnerabilities found" >&2',
            audit.NOT_AUDITED,
            "here: the package index has none for urllib3==",
        ),
        (f"{FINDS_CANARY}\nexit 0", 0, ""),
        (f"{FINDS_CANARY}\nexit 1", 1, ""),
    ],
    ids=["no connection", "an index without advisories", "nothing found", "something found"],
)
def test_an_audit_succeeds_only_where_a_known_vulnerability_is_found(
    program: str,
    code: int,
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    environment = tmp_path / "environments" / "audit"
    write_executable(environment / "bin" / "pip-audit", f"#!/bin/sh\n{program}\n")
    monkeypatch.setattr(audit, "tool_environment", lambda name, *installations: environment)
    monkeypatch.setattr(paths, "LOCAL", tmp_path)
    assert audit.audit() == code
    assert message in capsys.readouterr().err
