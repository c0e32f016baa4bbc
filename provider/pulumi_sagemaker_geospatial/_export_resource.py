"""What the resources of all kinds of export have in common: `get`, and the outputs."""

from __future__ import annotations

from typing import Any, ClassVar, Optional, TypeVar

import pulumi
from pulumi.dynamic import Resource

from ._declaration import REGISTERED_OUTPUTS, check_id, check_options, optional_output, setting_output
from ._export.inputs import IN_PLACE_INPUTS, replace_on_changes
from ._export.token import client_token
from ._geospatial.request import location
from .outputs import ExportedObjects, JobMetadata, OutputConfig
from .provider import ExportProvider

Self = TypeVar("Self", bound="ExportResource")


class ExportResource(Resource):
    """The results of a job, exported to S3 and kept there. A subclass is one kind of export.

    A subclass calls `pulumi.dynamic.Resource.__init__` itself: the state has each frame between the program and that call.
    """

    _export_provider: ClassVar[ExportProvider]

    @classmethod
    def get(
        cls: type[Self],
        resource_name: str,
        id: pulumi.Input[str],  # noqa: A002
        opts: Optional[pulumi.ResourceOptions] = None,
    ) -> Self:
        """Read the status of a job's last export without managing it.

        :param resource_name: The resource's name in the program.
        :param id: The ARN of the job, or the id of a resource that manages one. The service does not tell an export's destination or
            token, so that only `arn`, `export_status` and `export_error_details` have a value.
        :param opts: Pulumi's options.
        """
        check_options(resource_name, opts)
        check_id(resource_name, id)
        self = cls.__new__(cls)
        properties = (*replace_on_changes(cls._export_provider.kind), *IN_PLACE_INPUTS, *REGISTERED_OUTPUTS)
        opts = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(id=id))
        Resource.__init__(self, cls._export_provider, resource_name, dict.fromkeys(properties), opts)
        return self

    @property
    @pulumi.getter
    def arn(self) -> pulumi.Output[str]:
        """The ARN of the job that is exported."""
        return pulumi.get(self, "arn")  # type: ignore[no-any-return]

    @property
    @pulumi.getter
    def execution_role_arn(self) -> pulumi.Output[str]:
        """The ARN of the IAM role that the service assumes to write the files."""
        return pulumi.get(self, "execution_role_arn")  # type: ignore[no-any-return]

    @property
    @pulumi.getter
    def output_config(self) -> pulumi.Output[OutputConfig]:
        """Where the results go: the destination as it was declared."""
        return pulumi.get(self, "output_config")  # type: ignore[no-any-return]

    @property
    def client_token(self) -> pulumi.Output[str]:
        """The token that the export was started with: the given one, or the derived one."""
        values = {
            name: optional_output(self, name) for name in (*replace_on_changes(self._export_provider.kind), "__attempt")
        }
        return pulumi.Output.all(**values).apply(
            lambda props: client_token(self._export_provider.kind, props) if props["output_config"] else ""
        )

    @property
    def triggers(self) -> pulumi.Output[Any]:
        """The triggers that the export was made for."""
        return optional_output(self, "triggers")

    @property
    def wait_for_completion(self) -> pulumi.Output[bool]:
        """Whether `pulumi up` waits until the export has ended."""
        return setting_output(self, "wait_for_completion")

    @property
    def verify_objects(self) -> pulumi.Output[bool]:
        """Whether the objects at the destination are compared with what was exported."""
        return setting_output(self, "verify_objects")

    @property
    def delete_objects(self) -> pulumi.Output[bool]:
        """Whether deleting the resource deletes the objects that it exported."""
        return setting_output(self, "delete_objects")

    @property
    def save_job_metadata(self) -> pulumi.Output[bool]:
        """Whether the job's description is saved to ``<s3_uri>/<job id>.job.json``."""
        return setting_output(self, "save_job_metadata")

    @property
    @pulumi.getter
    def creation_time(self) -> pulumi.Output[Optional[str]]:
        """When the export was started, as ISO 8601 in UTC."""
        return optional_output(self, "creation_time")

    @property
    @pulumi.getter
    def export_status(self) -> pulumi.Output[Optional[str]]:
        """The status of the export: IN_PROGRESS, SUCCEEDED or FAILED."""
        return pulumi.get(self, "export_status")  # type: ignore[no-any-return]

    @property
    @pulumi.getter
    def exported_objects(self) -> pulumi.Output[Optional[ExportedObjects]]:
        """What the export wrote; None while it runs, or where the destination is not or cannot be listed."""
        return optional_output(self, "exported_objects")

    @property
    @pulumi.getter
    def drift(self) -> pulumi.Output[Optional[str]]:
        """What the last refresh found to be no longer true, in a sentence; the next `pulumi up` exports again. None without drift."""
        return optional_output(self, "drift")

    @property
    @pulumi.getter
    def job_metadata(self) -> pulumi.Output[Optional[JobMetadata]]:
        """Where the job's description was saved; None where it was not."""
        return optional_output(self, "job_metadata")

    @property
    def location(self) -> pulumi.Output[str]:
        """The folder that the export wrote, ``<s3_uri>/<job id>/``; secret where the destination is."""
        return pulumi.Output.all(optional_output(self, "output_config"), optional_output(self, "arn")).apply(
            lambda both: location(both[0]["s3_data"]["s3_uri"], both[1]) if both[0] else ""
        )
