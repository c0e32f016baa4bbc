"""The commands `report`, `delete-jobs` and `status`. Their dependencies are the extra `[cli]`; nothing else imports this package."""

from __future__ import annotations

import sys
from collections.abc import Sequence

#: What each command does.
CLI_COMMANDS = {
    "report": "compare a stack's exports with S3 and with the jobs of the account",
    "delete-jobs": "delete the jobs whose results a stack has exported",
    "status": "show what the exports of a running update do",
}
EXTRA_MISSING = (
    "error: {command} needs the extra [cli], which has no {module} here: "
    "install it with `pip install 'pulumi-sagemaker-geospatial[cli]'`"
)


def run_command(arguments: Sequence[str]) -> int:
    """Run one of `CLI_COMMANDS` and return the exit code: 2 where the extra is not installed, or the command fails."""
    try:
        from .app import app
    except ModuleNotFoundError as exc:
        if exc.name not in ("click", "rich", "jinja2"):
            raise
        print(EXTRA_MISSING.format(command=arguments[0], module=exc.name), file=sys.stderr)
        return 2
    return app(arguments)
