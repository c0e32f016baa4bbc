"""The resource that a program declares for an export of an Earth observation job: its arguments and outputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Optional, Union

import pulumi
from pulumi.dynamic import Resource

from ._declaration import (
    ALL_PROPERTIES,
    REGISTERED_OUTPUTS,
    check_options,
    check_triggers,
    optional_output,
    secret_inputs,
    setting_output,
    warn_if_over_parallelism,
)
from ._export.inputs import REPLACE_ON_CHANGES
from ._export.token import client_token
from ._geospatial.kinds import EARTH_OBSERVATION
from ._geospatial.request import SECRET_INPUTS, location
from ._inputs import OutputConfigArgs, OutputConfigArgsDict
from .outputs import ExportedObjects, OutputConfig
from .provider import P


class ExportEarthObservationJob(Resource, name="ExportEarthObservationJob"):
    """The results of an Earth observation job, exported to S3 and kept there.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_geospatial_ExportEarthObservationJob.html
    """

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
        opts: Optional[pulumi.ResourceOptions] = None,
    ) -> None:
        """Export a job's results, wait for SUCCEEDED, and keep it true.

        A change of `arn`, `execution_role_arn`, `output_config`, `export_source_images`, `client_token` or `triggers`
        exports anew; the other arguments are updated in place. For errors, see `pulumi_sagemaker_geospatial.errors`.

        :param resource_name: The resource's name in the stack, which means nothing to the export.
        :param arn: The ARN of the Earth observation job. Its region is where the export runs.
        :param execution_role_arn: The ARN of the IAM role (20 to 2,048 characters) that the service writes with.
        :param output_config: Where the results go; `OutputConfigArgs` or a dictionary of the same fields.
        :param export_source_images: Also export the images that the job was run on. Default False.
        :param client_token: 36 to 64 characters that name one export for ever. Normally left out: it is then derived from
            the request and the triggers.
        :param triggers: Any JSON value; a change exports anew. Default None. Where another export is updated, a plan does not know
            its `creation_time`: use its triggers or `location` here, see docs/what-happens.md.
        :param wait_for_completion: False: start the export and let a later `pulumi refresh` see the end. Default True.
        :param verify_objects: False: the status alone decides, and the destination is not listed. Default True.
        :param delete_objects: True: deleting the resource removes the objects that this export wrote, unless it was adopted. Default
            False. Turn it off before you move the declaration to another stack: what is adopted there is deleted here.
        :param opts: Pulumi's options but `provider`; `custom_timeouts` (create, update: 60 minutes by default) bounds the wait.
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
        }
        check_options(resource_name, opts)
        check_triggers(resource_name, triggers)
        internal = {SECRET_INPUTS: secret_inputs(declared), **dict.fromkeys(REGISTERED_OUTPUTS)}
        super().__init__(P, resource_name, {**declared, **internal}, opts)
        warn_if_over_parallelism()

    @classmethod
    def get(
        cls,
        resource_name: str,
        id: pulumi.Input[str],  # noqa: A002
        opts: Optional[pulumi.ResourceOptions] = None,
    ) -> ExportEarthObservationJob:
        """Read the status of a job's last export without managing it.

        :param resource_name: The resource's name in the program.
        :param id: The ARN of the Earth observation job, or the id of a resource that manages one. The service does not tell an export's destination or token, so
            that only `arn`, `export_status` and `export_error_details` have a value.
        :param opts: Pulumi's options.
        """
        check_options(resource_name, opts)
        self = cls.__new__(cls)
        opts = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(id=id))
        Resource.__init__(self, P, resource_name, dict.fromkeys(ALL_PROPERTIES), opts)
        return self

    @property
    @pulumi.getter
    def arn(self) -> pulumi.Output[str]:
        """The ARN of the Earth observation job."""
        return pulumi.get(self, "arn")  # type: ignore[no-any-return]

    @property
    @pulumi.getter
    def execution_role_arn(self) -> pulumi.Output[str]:
        """The ARN of the role that the service writes with."""
        return pulumi.get(self, "execution_role_arn")  # type: ignore[no-any-return]

    @property
    @pulumi.getter
    def output_config(self) -> pulumi.Output[OutputConfig]:
        """Where the results go."""
        return pulumi.get(self, "output_config")  # type: ignore[no-any-return]

    @property
    def export_source_images(self) -> pulumi.Output[bool]:
        """Whether the job's source images are exported too."""
        return optional_output(self, "export_source_images").apply(bool)

    @property
    def client_token(self) -> pulumi.Output[str]:
        """The token that the export was started with: the given one, or the derived one."""
        values = {name: optional_output(self, name) for name in (*REPLACE_ON_CHANGES, "__attempt")}
        return pulumi.Output.all(**values).apply(
            lambda props: client_token(EARTH_OBSERVATION, props) if props["output_config"] else ""
        )

    @property
    def triggers(self) -> pulumi.Output[Any]:
        """The triggers that the export was made for."""
        return optional_output(self, "triggers")

    @property
    def wait_for_completion(self) -> pulumi.Output[bool]:
        """Whether `pulumi up` waits for the end."""
        return setting_output(self, "wait_for_completion")

    @property
    def verify_objects(self) -> pulumi.Output[bool]:
        """Whether the destination is compared with what was exported."""
        return setting_output(self, "verify_objects")

    @property
    def delete_objects(self) -> pulumi.Output[bool]:
        """Whether deleting the resource removes what it exported."""
        return setting_output(self, "delete_objects")

    @property
    @pulumi.getter
    def creation_time(self) -> pulumi.Output[Optional[str]]:
        """When the export was started, ISO 8601 in UTC."""
        return optional_output(self, "creation_time")

    @property
    @pulumi.getter
    def export_status(self) -> pulumi.Output[Optional[str]]:
        """IN_PROGRESS, SUCCEEDED or FAILED."""
        return pulumi.get(self, "export_status")  # type: ignore[no-any-return]

    @property
    @pulumi.getter
    def export_error_details(self) -> pulumi.Output[Optional[Mapping[str, Mapping[str, str]]]]:
        """Why the export FAILED: ``export_results`` and ``export_source_images``, each with ``type`` and ``message``."""
        return optional_output(self, "export_error_details")

    @property
    @pulumi.getter
    def exported_objects(self) -> pulumi.Output[Optional[ExportedObjects]]:
        """What the export wrote; None while it runs, or where the destination is not or cannot be listed."""
        return optional_output(self, "exported_objects")

    @property
    @pulumi.getter
    def drift(self) -> pulumi.Output[Optional[str]]:
        """What the last refresh found to be no longer true, in a sentence; the next `pulumi up` exports anew."""
        return optional_output(self, "drift")

    @property
    def location(self) -> pulumi.Output[str]:
        """The folder that the export wrote, ``<s3_uri>/<job id>/``; secret where the destination is."""
        return pulumi.Output.all(optional_output(self, "output_config"), optional_output(self, "arn")).apply(
            lambda both: location(both[0]["s3_data"]["s3_uri"], both[1]) if both[0] else ""
        )
