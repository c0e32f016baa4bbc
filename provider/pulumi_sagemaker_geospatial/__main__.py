"""The commands of this package: `python -m pulumi_sagemaker_geospatial COMMAND`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NoReturn

from . import policies
from ._cli import CLI_COMMANDS, run_command
from ._export.validation import validation_errors
from ._geospatial.arns import KEY_ARN, NO_KEY_ARN
from ._geospatial.kinds import EARTH_OBSERVATION, KINDS, ExportKind
from ._geospatial.request import ExportRequest

#: The options that are inputs of an export, by the input's path.
OPTIONS = {"arn": "--job", "output_config.s3_data.s3_uri": "--destination", "execution_role_arn": "--role"}
#: The options that add statements to the policies: their Sids, and the option's help.
STATEMENT_OPTIONS = {
    "--delete-objects": (policies.DELETION_STATEMENTS, "allow what delete_objects=True needs"),
    "--save-job-metadata": (policies.METADATA_STATEMENTS, "allow what save_job_metadata=True needs"),
    "--list-jobs": (policies.LISTING_STATEMENTS, "allow what completed_earth_observation_jobs() needs"),
    "--report": (policies.REPORT_STATEMENTS, "allow what the command report needs"),
    "--read-objects": (policies.READING_STATEMENTS, "allow what report --deep and --checksums need"),
    "--delete-jobs": (policies.JOB_DELETION_STATEMENTS, "allow what the command delete-jobs needs"),
}


class CommandParser(argparse.ArgumentParser):
    """Reports an invalid argument in one sentence, with exit code 2."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}\n")


def main(arguments: Sequence[str] | None = None) -> None:
    """Parse the command line and run the command."""
    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments and arguments[0] in CLI_COMMANDS:
        sys.exit(run_command(arguments))
    parser = CommandParser(prog=f"python -m {__package__}", description=__doc__)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    add_policies_command(commands.add_parser("policies", help="print the IAM policies that exports need"))
    for name, summary in CLI_COMMANDS.items():
        commands.add_parser(name, help=summary, add_help=False)
    options = parser.parse_args(arguments)
    options.run(options)


def add_policies_command(parser: CommandParser) -> None:
    """Define the command that prints or writes the policies."""
    parser.description = policies.__doc__
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument(
        "--job",
        action="append",
        required=True,
        metavar="ARN",
        help="a job to export; repeat it for more jobs of its kind",
    )
    parser.add_argument("--destination", required=True, metavar="S3URI", help="s3://BUCKET/PREFIX/")
    parser.add_argument("--role", required=True, metavar="ARN", help="the execution role")
    parser.add_argument("--key", metavar="ARN", help="the KMS key, if there is one")
    for option, (sids, summary) in STATEMENT_OPTIONS.items():
        parser.add_argument(option, action="append_const", const=sids, dest="statements", default=[], help=summary)
    parser.add_argument("--out", type=Path, metavar="DIR", help="write one file for each policy instead of printing")
    parser.set_defaults(run=lambda options: print_policies(options, parser))


def print_policies(options: argparse.Namespace, parser: CommandParser) -> None:
    """Print the policies, or write them to files."""
    exports = [_export_inputs(job, options) for job in options.job]
    kind = next((each for each in KINDS if each.is_job_arn(options.job[0])), EARTH_OBSERVATION)
    error = next((each for inputs in exports for each in _errors(kind, inputs, options.key)), None)
    if error is not None:
        parser.error(error)
    request = ExportRequest.from_properties(kind, exports[0])
    _, partition, _, _, account, _ = request.execution_role_arn.split(":", 5)
    values: dict[str, policies.Value] = {
        "KIND": kind.job_resource,
        "JOB_ARN": options.job if len(options.job) > 1 else request.arn,
        "ROLE_ARN": request.execution_role_arn,
        "BUCKET_ARN": f"arn:{partition}:s3:::{request.bucket}",
        "PREFIX": policies.escape_wildcards(f"{request.prefix}/" if request.prefix else ""),
        "KEY_ARN": options.key,
        "ACCOUNT_ARN": f"arn:{partition}:iam::{account}:root",
    }
    optional = {sid for sids, _ in STATEMENT_OPTIONS.values() for sid in sids}
    without = optional.difference(*options.statements)
    names = [name for name in policies.NAMES if name != "key" or options.key]
    filled = {name: policies.fill_policy(name, values, without) for name in names}
    if options.out is None:
        print(json.dumps(filled, indent=2))
        return
    try:
        options.out.mkdir(parents=True, exist_ok=True)
        for name, policy in filled.items():
            (options.out / f"{name}.json").write_text(json.dumps(policy, indent=2) + "\n", encoding="utf-8")
    except OSError as exc:
        parser.error(f"--out {options.out} cannot be written: {exc.strerror}")


def _export_inputs(job: str, options: argparse.Namespace) -> dict[str, object]:
    s3_data = {"s3_uri": options.destination}
    return {"arn": job, "execution_role_arn": options.role, "output_config": {"s3_data": s3_data}}


def _errors(kind: ExportKind, inputs: dict[str, object], key: str | None) -> Iterator[str]:
    for path, reason in validation_errors(kind, inputs):
        yield f"{OPTIONS[path]} {reason}"
    if key is not None and not KEY_ARN.fullmatch(key):
        yield f"--key {NO_KEY_ARN}"


if __name__ == "__main__":
    main()
