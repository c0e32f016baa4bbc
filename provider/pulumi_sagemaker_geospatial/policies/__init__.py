"""The IAM policies that exports need: JSON files with placeholders, and the function that fills them in.

- ``caller``: whoever runs `pulumi up`.
- ``execution-role`` and ``execution-role-trust``: the role that the service assumes to write the objects.
- ``bucket``: the policy of a bucket that another account owns.
- ``key``: a statement to add to a KMS key's policy, unless that policy leaves access to IAM, as the default one does.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from importlib.resources import files
from typing import Any

#: The policies; each is a file of this folder, with the suffix `.json`.
NAMES = ("caller", "execution-role", "execution-role-trust", "bucket", "key")
#: The statements that only `delete_objects` needs, by their Sid.
DELETION_STATEMENTS = frozenset({"ListVersionsToDelete", "DeleteObjects"})
#: The statements that only `completed_earth_observation_jobs` needs, by their Sid.
LISTING_STATEMENTS = frozenset({"ListJobs"})
#: The statements that only `save_job_metadata` needs, by their Sid.
METADATA_STATEMENTS = frozenset({"SaveMetadata", "EncryptMetadata"})
#: The statements that the commands `report` and `delete-jobs` need beyond those of every export, by their Sid.
REPORT_STATEMENTS = frozenset({"ListJobsOfBothKinds", "ReadMetadata", "Decrypt"})
JOB_DELETION_STATEMENTS = frozenset({"DeleteJobs", "ReadMetadata", "Decrypt"})
#: The statements that only `report --deep` and `report --checksums` need, by their Sid.
READING_STATEMENTS = frozenset({"ReadObjects", "Decrypt"})
#: The kind of job in the names of actions, unless a value says otherwise.
DEFAULT_KIND = "EarthObservationJob"

_PLACEHOLDER = re.compile(r"\$\{([A-Z_]+)\}")

#: The text in place of a placeholder: one, or several where the placeholder is a whole value; None where there is none.
Value = str | Sequence[str] | None


def fill_policy(name: str, values: Mapping[str, Value], without: Collection[str] = ()) -> dict[str, Any]:
    """Return a policy with its placeholders filled in; a statement with a value of None is left out.

    :param name: One of ``NAMES``.
    :param values: The values of the placeholders: JOB_ARN, ROLE_ARN, BUCKET_ARN, PREFIX, KEY_ARN, ACCOUNT_ARN, and KIND, which
        is EarthObservationJob by default; for vector enrichment jobs it is VectorEnrichmentJob.
    :param without: The Sids of statements to leave out.

    Raises:
        KeyError: a placeholder of the policy has no value.
    """
    values = {"KIND": DEFAULT_KIND, **values}
    document: dict[str, Any] = json.loads(files(__name__).joinpath(f"{name}.json").read_text(encoding="utf-8"))
    statements = [
        _fill(each, values)
        for each in document["Statement"]
        if each.get("Sid") not in without
        and all(values[placeholder] is not None for placeholder in _PLACEHOLDER.findall(json.dumps(each)))
    ]
    return {**document, "Statement": statements}


def escape_wildcards(prefix: str) -> str:
    """Return a key prefix as the policy language spells it: `*`, `?` and `$` stand for themselves."""
    return re.sub(r"[*?$]", r"${\g<0>}", prefix)


def _fill(node: Any, values: Mapping[str, Any]) -> Any:
    if isinstance(node, dict):
        return {key: _fill(value, values) for key, value in node.items()}
    if isinstance(node, list):
        return [_fill(each, values) for each in node]
    whole = _PLACEHOLDER.fullmatch(node)
    return values[whole[1]] if whole else _PLACEHOLDER.sub(lambda match: values[match[1]], node)
