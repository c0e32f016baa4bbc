"""Exports the results of the Earth observation jobs that Pulumi.<stack>.yaml lists."""

from __future__ import annotations

from typing import Any

import pulumi
from pulumi_sagemaker_geospatial import ExportEarthObservationJob, OutputConfigArgs, S3DataArgs

import stack_config


def readable(seen: dict[str, Any]) -> dict[str, Any]:
    """An export as a stack output: what there is to say of it."""
    objects = seen.pop("objects")
    if objects:
        seen["objects"] = {"count": int(objects["count"]), "bytes": int(objects["bytes"])}
    return {name: value for name, value in seen.items() if value is not None}


declared = stack_config.read()
made = None
if declared.create_destination:
    import destination  # and with it pulumi-aws

    made = destination.create([each.job_arn for each in declared.exports], declared.bucket_name)

for each in declared.exports:
    uri, key, role = each.destination, each.kms_key_id, each.execution_role_arn
    if made and uri is None:
        uri, key, role = (
            made.s3_uri,
            made.kms_key_id if key is None else key,
            made.execution_role_arn if role is None else role,
        )
    assert uri is not None  # as stack_config has made sure
    assert role is not None
    export = ExportEarthObservationJob(
        each.name,
        arn=each.job_arn,
        execution_role_arn=role,
        output_config=OutputConfigArgs(s3_data=S3DataArgs(s3_uri=uri, kms_key_id=key)),
        export_source_images=each.export_source_images,
        client_token=each.client_token,
        triggers=each.triggers,
        wait_for_completion=each.wait_for_completion,
        verify_objects=each.verify_objects,
        delete_objects=each.delete_objects,
        opts=pulumi.ResourceOptions(depends_on=made.ready if made else None),
    )
    outputs = pulumi.Output.all(
        status=export.export_status, location=export.location, objects=export.exported_objects, drift=export.drift
    )
    pulumi.export(each.name, outputs.apply(readable))
