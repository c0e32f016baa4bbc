"""The resource that a program declares for an export of a vector enrichment job: its arguments and outputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Optional, Union

import pulumi
from pulumi.dynamic import Resource

from ._declaration import optional_output, properties
from ._export_resource import ExportResource
from ._inputs import OutputConfigArgs, OutputConfigArgsDict
from .provider import V


class ExportVectorEnrichmentJob(ExportResource, name="ExportVectorEnrichmentJob"):
    """The results of a vector enrichment job, exported to S3 and kept there.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_geospatial_ExportVectorEnrichmentJob.html
    """

    _export_provider = V

    def __init__(
        self,
        resource_name: str,
        arn: pulumi.Input[str],
        execution_role_arn: pulumi.Input[str],
        output_config: pulumi.Input[Union[OutputConfigArgs, OutputConfigArgsDict]],
        client_token: Optional[pulumi.Input[str]] = None,
        triggers: Optional[pulumi.Input[Any]] = None,
        wait_for_completion: Optional[pulumi.Input[bool]] = None,
        verify_objects: Optional[pulumi.Input[bool]] = None,
        delete_objects: Optional[pulumi.Input[bool]] = None,
        save_job_metadata: Optional[pulumi.Input[bool]] = None,
        opts: Optional[pulumi.ResourceOptions] = None,
    ) -> None:
        """Export a job's results, wait for SUCCEEDED, and keep it true.

        A change of `arn`, `execution_role_arn`, `output_config`, `client_token` or `triggers`
        exports anew; the other arguments are updated in place. An export takes about five minutes. It fails with a sentence that
        says what to do next; see `pulumi_sagemaker_geospatial.errors`.

        :param resource_name: The resource's name in the stack. It means nothing to the export: a renamed resource is the
            same export.
        :param arn: The ARN of the vector enrichment job. Its region is where the export runs.
        :param execution_role_arn: The ARN of the IAM role (20 to 2,048 characters) that the service writes with.
        :param output_config: Where the results go; `OutputConfigArgs` or a dictionary of the same fields.
        :param client_token: 36 to 64 characters that name one export for ever. Default: derived from request and triggers.
        :param triggers: Any JSON value; a change exports anew. Default None. Where another export is updated, a plan does not know
            its `creation_time`: use its triggers or `location` here, see docs/what-happens.md.
        :param wait_for_completion: False: start the export and let a later `pulumi refresh` see the end. Default True.
        :param verify_objects: False: the status alone decides, and the destination is not listed. Default True.
        :param delete_objects: True: deleting the resource removes the objects that this export wrote, unless it was adopted. Default
            False. Turn it off before you move the declaration to another stack: what is adopted there is deleted here.
        :param save_job_metadata: True: also write the job's description (configuration, input, tags, times; no secrets) to
            ``<s3_uri>/<job id>.job.json``, as the service forgets it with the job. It is never deleted. Default False.
        :param opts: Pulumi's options but `provider`; `custom_timeouts` (create, update: 60 minutes by default) bounds the wait.
        """
        declared: dict[str, Any] = {
            "arn": arn,
            "execution_role_arn": execution_role_arn,
            "output_config": output_config,
            "client_token": client_token,
            "triggers": triggers,
            "wait_for_completion": wait_for_completion,
            "verify_objects": verify_objects,
            "delete_objects": delete_objects,
            "save_job_metadata": save_job_metadata,
        }
        Resource.__init__(self, V, resource_name, properties(resource_name, declared, opts), opts)

    @property
    @pulumi.getter
    def export_error_details(self) -> pulumi.Output[Optional[Mapping[str, str]]]:
        """Why the export FAILED: ``type`` and ``message``."""
        return optional_output(self, "export_error_details")
