"""Export the results of the Earth observation jobs that Pulumi.<stack>.yaml lists."""

from __future__ import annotations

from typing import Any

import pulumi
from pulumi_sagemaker_geospatial import ExportEarthObservationJob, OutputConfigArgs, S3DataArgs

import stack_config


def format_output(outputs: dict[str, Any]) -> dict[str, Any]:
    """Return the stack output of an export, without the properties that have no value."""
    manifest = outputs.pop("objects")
    if manifest:
        outputs["objects"] = {"count": int(manifest["count"]), "bytes": int(manifest["bytes"])}
    return {name: value for name, value in outputs.items() if value is not None}


config = stack_config.read()
created = None
if config.create_destination:
    import destination  # only here, as it imports pulumi-aws

    created = destination.create([each.job_arn for each in config.exports], config.bucket_name)

for each in config.exports:
    s3_uri, kms_key_id, role_arn = each.destination, each.kms_key_id, each.execution_role_arn
    if created and s3_uri is None:
        s3_uri = created.s3_uri
        kms_key_id = created.kms_key_id if kms_key_id is None else kms_key_id
        role_arn = created.execution_role_arn if role_arn is None else role_arn
    assert s3_uri is not None, "stack_config requires it"
    assert role_arn is not None, "stack_config requires it"
    export = ExportEarthObservationJob(
        each.name,
        arn=each.job_arn,
        execution_role_arn=role_arn,
        output_config=OutputConfigArgs(s3_data=S3DataArgs(s3_uri=s3_uri, kms_key_id=kms_key_id)),
        export_source_images=each.export_source_images,
        client_token=each.client_token,
        triggers=each.triggers,
        wait_for_completion=each.wait_for_completion,
        verify_objects=each.verify_objects,
        delete_objects=each.delete_objects,
        opts=pulumi.ResourceOptions(depends_on=created.dependencies if created else None),
    )
    outputs = pulumi.Output.all(
        status=export.export_status, location=export.location, objects=export.exported_objects, drift=export.drift
    )
    pulumi.export(each.name, outputs.apply(format_output))
