"""The derived client token: users' state, so that every token in this file stays what it is forever."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pulumi_sagemaker_geospatial as package
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi_sagemaker_geospatial._export.token import client_token, derived_token
from pulumi_sagemaker_geospatial._geospatial.kinds import EARTH_OBSERVATION, VECTOR_ENRICHMENT
from pulumi_sagemaker_geospatial._geospatial.request import ExportRequest

from tests.support.aws_names import ROLE, job_arn
from tests.support.declarations import JOB, TOKEN, export_request, inputs


def arn(job: str = JOB) -> str:
    return job_arn(job)


BASE: dict[str, Any] = {"arn": arn(), "execution_role_arn": ROLE, "s3_uri": "s3://exports/lake/"}
SEASON = {"season": {"year": 2024, "parts": ["dry", None, True]}}

#: What was declared (request, triggers, attempt), and the token that stands for it.
GOLDEN: list[tuple[str, dict[str, Any], Any, int, str]] = [
    ("the least", {}, None, 0, "pulumi-0dc5fc8f3a3f06f090b2a0e769ee187fb052366e1bce0aa3"),
    ("a second attempt", {}, None, 1, "pulumi-399f83b6bbbb534ac25e832037e7b9ed174fde27488aaa01"),
    ("a tenth attempt", {}, None, 10, "pulumi-5358273a10c4f2fa244d7a1dacd313478d927b3b2b2f5a2a"),
    ("another job", {"arn": arn("lake00000001")}, None, 0, "pulumi-d524e8698a5f35a01247f7b23614b839d64e8544e3d737d5"),
    (
        "another role",
        {"execution_role_arn": "arn:aws:iam::123456789012:role/other"},
        None,
        0,
        "pulumi-7bc36f192c73a1f600c7e8f82dd976bfbdee75634f79d2d7",
    ),
    (
        "another prefix",
        {"s3_uri": "s3://exports/river/"},
        None,
        0,
        "pulumi-b1b5ce6e01248ed93312ffd4ee4f7b509e2c0f6cd54df25e",
    ),
    (
        "a prefix without its slash",
        {"s3_uri": "s3://exports/lake"},
        None,
        0,
        "pulumi-6e668de4715550e93de1680a29f37caac2ec8b5bebdf63bf",
    ),
    (
        "a unicode prefix",
        {"s3_uri": "s3://exports/sjö/湖/"},
        None,
        0,
        "pulumi-073e578102f1d800eb3b29061ab1bd59ddb60cc3cc24d053",
    ),
    ("a key", {"kms_key_id": "alias/exports"}, None, 0, "pulumi-9f18ce46990038ebcb0ea353b1c861dd315423346489315a"),
    (
        "source images",
        {"export_source_images": True},
        None,
        0,
        "pulumi-e8ca7c6bc14b40cabc5d5f7015d48f6114f7fda290b120a7",
    ),
    ("a text", {}, "2024-07", 0, "pulumi-2d46da2dddf854e0e33b55e1937a6bfe8f871a6a2d197fad"),
    ("a unicode text", {}, "Überflutung 🌊", 0, "pulumi-eaa1d102254b9fd688b35a421fdef1b1eb9180bce157b18e"),
    ("one", {}, 1, 0, "pulumi-ee4154c0a3cabd706fe6357806fd76ee574a5cba1a4b423f"),
    ("true", {}, True, 0, "pulumi-5b10071a546b40a7d9a48a1a6a7bdec3c215c78fb88cdb36"),
    ("a half", {}, 0.5, 0, "pulumi-21f0e001e92f2303af1886886d078d4ed440ea8d698f16f8"),
    ("a big number", {}, 1e22, 0, "pulumi-b83bc9e85e00a3e9b1178944f24a1f4626aff77c22c58fa0"),
    ("a small number", {}, 1e-07, 0, "pulumi-e31fc433976df91a010a8584cd6861960c10be284d68a52a"),
    ("an empty list", {}, [], 0, "pulumi-da04df8f1d5d562bb34f6339a3e036f4e1c2e82333eb95a0"),
    ("an empty object", {}, {}, 0, "pulumi-8df0f2ae4bcebe7a2011169e7e9d17e9f3e0ec214c8819cc"),
    ("a list", {}, ["a", 1, None, [False]], 0, "pulumi-03c97621bf799bfb2a6307ecf32c0c3e8bc5112ad6390e39"),
    ("nested", {}, SEASON, 0, "pulumi-7de9b48f993455ae5b35ebc8e6ecfcb77ebc6fc3b5f6e797"),
    ("nested, again", {}, SEASON, 2, "pulumi-f1c2a73977eec9bf3f7925ad5c7e84d4509950549693f5f1"),
]
BY_NAME = {name: token for name, *_, token in GOLDEN}
#: The same for exports of vector enrichment jobs, whose requests have no field for source images.
VECTOR_GOLDEN: list[tuple[dict[str, Any], Any, int, str]] = [
    ({}, None, 0, "pulumi-29c2fc65263845a566c3fba8443d1965c9c8d18cd4f03a54"),
    ({"kms_key_id": "alias/exports"}, None, 0, "pulumi-13ee49cb0e8b04f6784d3d599d855a8b5c1f2e0bf9d5f384"),
    ({}, SEASON, 2, "pulumi-ab977db8092853da8862d737e269302c038bbe3db6a195b7"),
]

#: Reads declarations and prints their tokens. What it imports of the package needs no other package, so that any Python can
#: run it; the package's own module, which imports Pulumi, is not executed.
PROGRAM = """
import json, sys, types
package = sys.modules["pulumi_sagemaker_geospatial"] = types.ModuleType("pulumi_sagemaker_geospatial")
package.__path__ = [sys.argv[1]]
from pulumi_sagemaker_geospatial._export.token import derived_token
from pulumi_sagemaker_geospatial._geospatial.kinds import EARTH_OBSERVATION
from pulumi_sagemaker_geospatial._geospatial.request import ExportRequest
print(json.dumps([derived_token(ExportRequest(EARTH_OBSERVATION, **r), t, a) for r, t, a in json.load(sys.stdin)]))
"""


def token(triggers: Any = None, attempt: int = 0, **changes: Any) -> str:
    return derived_token(ExportRequest(EARTH_OBSERVATION, **{**BASE, **changes}), triggers, attempt)


@pytest.mark.parametrize(("name", "changes", "triggers", "attempt", "golden"), GOLDEN, ids=[each[0] for each in GOLDEN])
def test_a_declaration_keeps_its_token_forever(
    name: str, changes: dict[str, Any], triggers: Any, attempt: int, golden: str
) -> None:
    assert token(triggers, attempt, **changes) == golden
    assert 36 <= len(golden) <= 64
    assert re.fullmatch(r"[a-z0-9-]+", golden)


@pytest.mark.parametrize(("changes", "triggers", "attempt", "golden"), VECTOR_GOLDEN)
def test_a_declaration_of_a_vector_enrichment_job_keeps_its_token_forever(
    changes: dict[str, Any], triggers: Any, attempt: int, golden: str
) -> None:
    request = ExportRequest(VECTOR_ENRICHMENT, **{**BASE, "arn": job_arn(JOB, "vector-enrichment-job"), **changes})
    assert derived_token(request, triggers, attempt) == golden


def test_different_declarations_have_different_tokens() -> None:
    assert len(set(BY_NAME.values())) == len(GOLDEN)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param((1, {}), (1.0, {}), id="1 and 1.0"),
        pytest.param(([0], {}), ([-0.0], {}), id="0 and -0.0"),
        pytest.param(({"a": 1, "b": [2.0]}, {}), ({"b": [2], "a": 1.0}, {}), id="the order of keys"),
        pytest.param(([1, 2], {}), ((1, 2), {}), id="a list and a tuple"),
        pytest.param((None, {"kms_key_id": None}), (None, {"kms_key_id": ""}), id="no key and an empty one"),
        pytest.param((None, {}), (None, {"export_source_images": False}), id="no flag and a false one"),
    ],
)
def test_the_same_declaration_in_another_spelling_has_the_same_token(one: Any, other: Any) -> None:
    assert token(one[0], **one[1]) == token(other[0], **other[1])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, True),
        (0, False),
        (1, "1"),
        (None, "null"),
        ([], {}),
        ([[1], 2], [1, [2]]),
        ("é", "e\u0301"),
        (0.1, 0.2),
        (None, []),
    ],
    ids=repr,
)
def test_different_triggers_have_different_tokens(one: Any, other: Any) -> None:
    assert token(one) != token(other)


@pytest.mark.parametrize("key", [None, ""])
def test_an_empty_kms_key_has_the_token_of_no_key(key: str | None) -> None:
    config = {"s3_data": {"s3_uri": BASE["s3_uri"], "kms_key_id": key}}
    assert derived_token(export_request(output_config=config), None, 0) == token()


def test_the_token_of_a_state_is_the_users_or_the_derived_one_of_its_attempt() -> None:
    assert client_token(EARTH_OBSERVATION, inputs(client_token=TOKEN, __attempt=3)) == TOKEN
    assert client_token(EARTH_OBSERVATION, inputs(triggers=[1], __attempt=3.0)) == token([1], 3)
    assert client_token(EARTH_OBSERVATION, inputs()) == token()


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
declarations = st.tuples(
    st.fixed_dictionaries(
        {
            "arn": st.sampled_from([arn(), arn("lake00000001")]),
            "execution_role_arn": st.sampled_from([ROLE, ROLE + "2"]),
            "s3_uri": st.sampled_from(["s3://exports/lake/", "s3://exports/lake"]),
            "kms_key_id": st.sampled_from([None, "alias/a"]),
            "export_source_images": st.booleans(),
        }
    ),
    json_values,
    st.integers(0, 2),
)


def as_json(declaration: Any) -> str:
    """Return a declaration's content as JSON reads it: every number is a double, and keys have no order."""
    changes, triggers, attempt = declaration
    as_doubles = json.loads(
        json.dumps(triggers),
        parse_int=lambda digits: float(digits) + 0.0,
        parse_float=lambda digits: float(digits) + 0.0,
    )
    return json.dumps([changes, as_doubles, attempt], sort_keys=True)


@given(declarations, declarations)
def test_declarations_have_the_same_token_if_and_only_if_their_content_is_the_same(one: Any, other: Any) -> None:
    tokens = [token(triggers, attempt, **changes) for changes, triggers, attempt in (one, other)]
    assert (tokens[0] == tokens[1]) == (as_json(one) == as_json(other))


@given(declarations)
def test_json_does_not_change_a_token(declaration: Any) -> None:
    changes, triggers, attempt = declaration
    assert token(json.loads(json.dumps(triggers)), attempt, **changes) == token(triggers, attempt, **changes)


def tokens_of(python: str, seed: str) -> list[str]:
    """Return the tokens of the golden table, as another Python derives them."""
    entries = [({**BASE, **changes}, triggers, attempt) for _, changes, triggers, attempt, _ in GOLDEN]
    ran = subprocess.run(
        [python, "-c", PROGRAM, str(Path(package.__file__).parent)],
        input=json.dumps(entries),
        env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": ""},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    found: list[str] = json.loads(ran.stdout)
    return found


@pytest.mark.parametrize("seed", ["0", "1", "4242"])
def test_tokens_do_not_depend_on_the_hash_seed(seed: str) -> None:
    assert tokens_of(sys.executable, seed) == [each[-1] for each in GOLDEN]


def pythons() -> list[str]:
    """Return every Python of this machine that the package supports, and the running one."""
    found = {sys.executable}
    for minor in range(10, 15):
        built = sorted(Path.home().glob(f".pyenv/versions/3.{minor}.*/bin/python"))
        found.update(filter(None, [shutil.which(f"python3.{minor}"), *map(str, built)]))
    return sorted(each for each in found if subprocess.run([each, "-c", ""], capture_output=True).returncode == 0)


def test_tokens_do_not_depend_on_the_version_of_python() -> None:
    tried = {python: tokens_of(python, "0") for python in pythons()}
    assert sys.executable in tried
    assert tried == {python: [each[-1] for each in GOLDEN] for python in tried}
