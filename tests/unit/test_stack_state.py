"""The exports in the state of a stack, with secrets decrypted or not."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pulumi_sagemaker_geospatial._export.stack_state import has_secrets, recorded_exports
from pulumi_sagemaker_geospatial._geospatial.kinds import EARTH_OBSERVATION, VECTOR_ENRICHMENT
from pulumi_sagemaker_geospatial.errors import StateError

from tests.support.declarations import inputs
from tests.support.recorded_exports import recorded

OUTPUTS = recorded("SUCCEEDED").to_outputs(inputs())


def secret(value: Any) -> dict[str, Any]:
    """Return a secret as `pulumi stack export --show-secrets` prints it."""
    signature = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270"}
    return {**signature, "plaintext": json.dumps(value)}


def state(operation: str = "ExportEarthObservationJob", **outputs: Any) -> dict[str, Any]:
    """Return the state of a stack with one export."""
    type_ = f"pulumi-python:dynamic:{operation}"
    resource = {"urn": f"urn:pulumi:prod::lake::{type_}::lake", "type": type_, "outputs": {**OUTPUTS, **outputs}}
    return {"deployment": {"resources": [resource]}}


def test_secrets_are_decoded_and_their_paths_kept() -> None:
    config = OUTPUTS["output_config"]
    nested = {"s3_data": {"s3_uri": secret(config["s3_data"]["s3_uri"])}}
    (found,) = recorded_exports(
        state(execution_role_arn=secret(OUTPUTS["execution_role_arn"]), output_config=nested, triggers=[secret("a")])
    )
    assert found.state.request.s3_uri == config["s3_data"]["s3_uri"]
    assert found.state.request.execution_role_arn == OUTPUTS["execution_role_arn"]
    assert found.spec.triggers == ["a"]
    hidden = {"execution_role_arn", "output_config.s3_data.s3_uri", "triggers"}
    assert set(found.state.request.secret_inputs or ()) == hidden


def test_without_secrets_nothing_is_redacted() -> None:
    (found,) = recorded_exports(state())
    assert found.state.request.secret_inputs == ()
    assert found.state.request.redact(OUTPUTS["execution_role_arn"]) == OUTPUTS["execution_role_arn"]


@pytest.mark.parametrize(
    ("operation", "kind"),
    [("ExportEarthObservationJob", EARTH_OBSERVATION), ("ExportVectorEnrichmentJob", VECTOR_ENRICHMENT)],
)
def test_an_export_is_of_the_kind_that_its_type_names(operation: str, kind: Any) -> None:
    (found,) = recorded_exports(state(operation))
    assert found.state.request.kind is kind
    assert found.spec.request.kind is kind


@pytest.mark.parametrize(("declared", "deletes"), [({}, False), ({"delete_objects": True}, True)])
def test_whether_the_declaration_deletes_objects_is_told(declared: dict[str, Any], deletes: bool) -> None:
    (found,) = recorded_exports(state(**declared))
    assert found.deletes_objects is deletes


def test_a_damaged_record_is_named() -> None:
    with pytest.raises(StateError, match=r"^lake: execution_role_arn is damaged"):
        list(recorded_exports(state(execution_role_arn=5)))


def test_secrets_are_looked_for_in_outputs() -> None:
    assert has_secrets(state(triggers=secret("a")))
    assert not has_secrets(state())
    assert not has_secrets({})
