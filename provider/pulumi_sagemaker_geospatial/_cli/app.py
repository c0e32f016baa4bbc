"""The command line of `report`, `delete-jobs` and `status`: options, and errors as one sentence with exit code 2."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console

from ..error_ids import ErrorId
from ..errors import ExportError
from .deletion import delete_jobs
from .failure import CommandError
from .reporting import observe_stack, print_report, require_empty, require_extra, write_report
from .stack import Stack, read_stack
from .status import show_status

if TYPE_CHECKING:
    from .observer import Observer

PROGRAM = "python -m pulumi_sagemaker_geospatial"
#: The width of tables where the output is no terminal.
WIDTH = 160

stack_option = click.option(
    "--stack", "name", required=True, metavar="STACK", help="The stack, of the project in this directory."
)


def app(arguments: Sequence[str]) -> int:
    """Run a command and return its exit code."""
    try:
        code = commands.main(args=list(arguments), prog_name=PROGRAM, standalone_mode=False)
    except click.ClickException as exc:
        return _fail(exc.format_message())
    except ExportError as exc:
        return _fail(str(exc))
    except (click.Abort, KeyboardInterrupt):
        return _fail("interrupted; run the command again, which goes on where it was")
    return int(code or 0)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def commands() -> None:
    """Shows what a stack exports and has exported, and deletes jobs whose results are exported."""


@commands.command()
@stack_option
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Also write the report's files, to a new or empty directory.",
)
@click.option("--deep", is_flag=True, help="Also read the header of each raster (extra [raster]).")
@click.option("--stac", is_flag=True, help="Also write a STAC catalog to DIR/stac (extra [stac]).")
@click.option("--checksums", is_flag=True, help="With --stac: ask S3 for the checksum of each object.")
def report(name: str, out: Path | None, stac: bool, deep: bool, checksums: bool) -> int:
    """Compare a stack's exports with S3 and with the jobs of the account.

    Exit code 0: nothing is missing; 1: something is missing; 2: the report failed.
    """
    if stac:
        require_extra("--stac", "stac", "pystac")
        if out is None:
            raise CommandError("--stac needs --out DIR", ErrorId.COMMAND_OPTION)
    elif checksums:
        raise CommandError("--checksums needs --stac", ErrorId.COMMAND_OPTION)
    if deep:
        require_extra("--deep", "raster", "rasterio")
    if out is not None:
        require_empty(out)
    stack = read_stack(name)
    found = observe_stack(stack, _observer(stack), deep, checksums)
    print_report(found, _console())
    if out is not None:
        write_report(found, out, stac)
        click.echo(f"written to {out}")
    return 1 if found.missing else 0


@commands.command("delete-jobs")
@stack_option
@click.option("--yes", is_flag=True, help="Delete; without it, nothing is changed.")
@click.option(
    "--journal",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="PATH",
    help="Where deletions are recorded, to go on after an interruption. Default: STACK.delete-jobs.jsonl.",
)
def delete(name: str, yes: bool, journal: Path | None) -> int:
    """Delete the jobs whose exports are all complete and whose metadata is saved.

    Exit code 0: no job is kept; 1: some jobs are kept; 2: the command failed.
    """
    stack = read_stack(name)
    path = journal or Path(f"{name.replace('/', '.')}.delete-jobs.jsonl")
    return delete_jobs(stack, _observer(stack), path, yes, _console())


@commands.command()
@stack_option
@click.option("--once", is_flag=True, help="Print the table once; without it, a terminal follows the update.")
@click.option("--json", "as_json", is_flag=True, help="Print the state once, as JSON.")
def status(name: str, once: bool, as_json: bool) -> int:
    """Show what the exports of a running update do.

    Exit code 0: an update is running, or the one that was followed has ended well; 1: no update is running, or the one that
    was followed has failed; 2: the command failed.
    """
    return show_status(name, _console(), is_once=once or not sys.stdout.isatty(), as_json=as_json)


def _observer(stack: Stack) -> Observer:
    from .._export.runtime import build_runtime
    from .._runtime.clock import MonotonicClock
    from .observer import Observer

    def warn(text: str) -> None:
        click.echo(f"warning: {text}", err=True)

    return Observer(build_runtime(stack.config.get, MonotonicClock(), warn))


def _console() -> Console:
    return Console() if sys.stdout.isatty() else Console(width=WIDTH)


def _fail(message: str) -> int:
    click.echo(f"error: {message}", err=True)
    return 2
