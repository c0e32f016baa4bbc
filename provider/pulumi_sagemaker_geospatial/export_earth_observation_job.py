"""The resource that a program declares for an export of an Earth observation job: its arguments and outputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Optional, Union

import pulumi
from pulumi.dynamic import Resource

from ._declaration import optional_output, properties
from ._export_resource import ExportResource
from ._inputs import OutputConfigArgs, OutputConfigArgsDict
from .provider import P


class ExportEarthObservationJob(ExportResource, name="ExportEarthObservationJob"):
    """The results of an Earth observation job, exported to S3 and kept there.

    `pulumi up` starts the export and waits until it has SUCCEEDED, which takes the service about five minutes. `pulumi refresh`
    detects drift (objects that were deleted or overwritten), and the next `pulumi up` exports again. A run that was
    interrupted, and a resource that was renamed, moved or lost, adopts its export instead of starting another one.

    A change of `arn`, `execution_role_arn`, `output_config`, `export_source_images`, `client_token` or `triggers` replaces
    the resource and starts a new export. The other arguments are updated in place.

    ```python
    export = ExportEarthObservationJob(
        "lake-mead",
        arn="arn:aws:sagemaker-geospatial:us-west-2:123456789012:earth-observation-job/demo00000003",
        execution_role_arn="arn:aws:iam::123456789012:role/eoj-export",
        output_config={"s3_data": {"s3_uri": "s3://eoj-exports-demo/quickstart/"}},
    )
    pulumi.export("location", export.location)
    ```

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_geospatial_ExportEarthObservationJob.html
    """

    _export_provider = P

    def __init__(
        self,
        resource_name: str,
        arn: pulumi.Input[str],
        execution_role_arn: pulumi.Input[str],
        output_config: pulumi.Input[Union[OutputConfigArgs, OutputConfigArgsDict]],
        export_source_images: Optional[pulumi.Input[bool]] = None,
        client_token: Optional[pulumi.Input[str]] = None,
        triggers: Optional[pulumi.Input[Any]] = None,
        wait_for_completion: Optional[pulumi.Input[bool]] = None,
        verify_objects: Optional[pulumi.Input[bool]] = None,
        delete_objects: Optional[pulumi.Input[bool]] = None,
        save_job_metadata: Optional[pulumi.Input[bool]] = None,
        opts: Optional[pulumi.ResourceOptions] = None,
    ) -> None:
        """Declare an export. For its errors, see `pulumi_sagemaker_geospatial.errors`.

        :param resource_name: The resource's name in the stack. It is no part of the export: a renamed resource adopts it.
        :param arn: The ARN of the Earth observation job. The export runs in its region. A job that is still running is waited for.
        :param execution_role_arn: The ARN of the IAM role (20 to 2,048 characters) that the service assumes to write the files.
        :param output_config: The destination, as `OutputConfigArgs` or as a dictionary of the same fields. The files are written
            below ``<s3_uri>/<job id>/``.
        :param export_source_images: True: also export the images that the job was run on. Default False.
        :param client_token: 36 to 64 characters that name one export forever. Default: derived from the request and the triggers.
        :param triggers: Any JSON value; a change starts a new export. Default None. Do not use another export's
            `creation_time`, which a plan does not know: see docs/what-happens.md.
        :param wait_for_completion: False: start the export, and let a later `pulumi refresh` record its end. Default True.
        :param verify_objects: False: the job's status decides alone, and the destination is not listed. Default True.
        :param delete_objects: True: deleting the resource deletes the objects that this export wrote, unless it was adopted.
            Default False. Turn it off before the declaration moves to another stack: what is adopted there is deleted here.
        :param save_job_metadata: True: also write the job's description (configuration, input, tags, times) to
            ``<s3_uri>/<job id>.job.json``, which is never deleted. Default False.
        :param opts: Pulumi's resource options except `provider` and `import_`. `custom_timeouts` limits the wait (create and update:
            60 minutes by default).
        """
        declared: dict[str, Any] = {
            "arn": arn,
            "execution_role_arn": execution_role_arn,
            "output_config": output_config,
            "export_source_images": export_source_images,
            "client_token": client_token,
            "triggers": triggers,
            "wait_for_completion": wait_for_completion,
            "verify_objects": verify_objects,
            "delete_objects": delete_objects,
            "save_job_metadata": save_job_metadata,
        }
        Resource.__init__(self, P, resource_name, properties(resource_name, declared, opts), opts)

    @property
    def export_source_images(self) -> pulumi.Output[bool]:
        """Whether the job's source images are exported too."""
        return optional_output(self, "export_source_images").apply(bool)

    @property
    @pulumi.getter
    def export_error_details(self) -> pulumi.Output[Optional[Mapping[str, Mapping[str, str]]]]:
        """Why the export FAILED: ``export_results`` and ``export_source_images``, each with ``type`` and ``message``."""
        return optional_output(self, "export_error_details")
