"""What a program declares: the resource, its arguments and its outputs."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any, Optional, TypedDict, Union
from weakref import WeakKeyDictionary

import pulumi
from pulumi.dynamic import Resource
from pulumi.runtime import settings

from .provider import P
from .request import REPLACING, SETTINGS, client_token, location

if sys.version_info >= (3, 11):
    from typing import NotRequired
else:
    from typing_extensions import NotRequired

_OUTPUTS = ("creation_time", "export_status", "export_error_details", "exported_objects", "drift", "__attempt")


class S3DataArgsDict(TypedDict):
    """Where in S3 the results go, as a dictionary."""

    s3_uri: pulumi.Input[str]
    """``s3://BUCKET/PREFIX/``; the files are written below ``<s3_uri>/<job id>/``."""
    kms_key_id: NotRequired[Optional[pulumi.Input[str]]]
    """The KMS key (id, ARN or alias) that encrypts the files; at most 2,048 characters. Left out: the bucket's default."""


class OutputConfigArgsDict(TypedDict):
    """Where the results go, as a dictionary: the API's OutputConfig."""

    s3_data: pulumi.Input[Union[S3DataArgsDict, S3DataArgs]]


@pulumi.input_type
class S3DataArgs:
    """Where in S3 the results go."""

    def __init__(self, *, s3_uri: pulumi.Input[str], kms_key_id: Optional[pulumi.Input[str]] = None) -> None:
        """
        :param s3_uri: ``s3://BUCKET/PREFIX/``; the files are written below ``<s3_uri>/<job id>/``.
        :param kms_key_id: The KMS key (id, ARN or alias) that encrypts the files. Left out: the bucket's default.
        """
        pulumi.set(self, "s3_uri", s3_uri)
        if kms_key_id is not None:
            pulumi.set(self, "kms_key_id", kms_key_id)

    @property
    @pulumi.getter
    def s3_uri(self) -> pulumi.Input[str]:
        """``s3://BUCKET/PREFIX/``."""
        return pulumi.get(self, "s3_uri")  # type: ignore[no-any-return]

    @property
    @pulumi.getter
    def kms_key_id(self) -> Optional[pulumi.Input[str]]:
        """The KMS key that encrypts the files."""
        return pulumi.get(self, "kms_key_id")  # type: ignore[no-any-return]


@pulumi.input_type
class OutputConfigArgs:
    """Where the results go: the API's OutputConfig."""

    def __init__(self, *, s3_data: pulumi.Input[Union[S3DataArgs, S3DataArgsDict]]) -> None:
        """:param s3_data: Where in S3 the results go."""
        pulumi.set(self, "s3_data", s3_data)

    @property
    @pulumi.getter
    def s3_data(self) -> pulumi.Input[Union[S3DataArgs, S3DataArgsDict]]:
        """Where in S3 the results go."""
        return pulumi.get(self, "s3_data")  # type: ignore[no-any-return]


@pulumi.output_type
class S3Data(dict):  # type: ignore[type-arg]
    """Where in S3 the results are."""

    def __init__(self, *, s3_uri: str, kms_key_id: Optional[str] = None) -> None:
        pulumi.set(self, "s3_uri", s3_uri)
        if kms_key_id is not None:
            pulumi.set(self, "kms_key_id", kms_key_id)

    @property
    @pulumi.getter
    def s3_uri(self) -> str:
        """``s3://BUCKET/PREFIX/``."""
        return pulumi.get(self, "s3_uri")  # type: ignore[no-any-return]

    @property
    @pulumi.getter
    def kms_key_id(self) -> Optional[str]:
        """The KMS key that encrypts the files; None for the bucket's default."""
        return pulumi.get(self, "kms_key_id")  # type: ignore[no-any-return]


@pulumi.output_type
class OutputConfig(dict):  # type: ignore[type-arg]
    """Where the results are: the API's OutputConfig."""

    def __init__(self, *, s3_data: S3Data) -> None:
        pulumi.set(self, "s3_data", s3_data)

    @property
    @pulumi.getter
    def s3_data(self) -> S3Data:
        """Where in S3 the results are."""
        return pulumi.get(self, "s3_data")  # type: ignore[no-any-return]


@pulumi.output_type
class ExportedObjects(dict):  # type: ignore[type-arg]
    """What an export wrote, as it was seen after it SUCCEEDED."""

    def __init__(self, *, count: int, bytes: int, fingerprint: str, newest: Optional[str] = None) -> None:  # noqa: A002
        pulumi.set(self, "count", count)
        pulumi.set(self, "bytes", bytes)
        pulumi.set(self, "fingerprint", fingerprint)
        if newest is not None:
            pulumi.set(self, "newest", newest)

    @property
    @pulumi.getter
    def count(self) -> int:
        """How many objects."""
        return pulumi.get(self, "count")  # type: ignore[no-any-return]

    @property
    @pulumi.getter
    def bytes(self) -> int:
        """Their size together, in bytes."""
        return pulumi.get(self, "bytes")  # type: ignore[no-any-return]

    @property
    @pulumi.getter
    def fingerprint(self) -> str:
        """A sum over their names, sizes and ETags, 16 hexadecimal digits."""
        return pulumi.get(self, "fingerprint")  # type: ignore[no-any-return]

    @property
    @pulumi.getter
    def newest(self) -> Optional[str]:
        """When the last of them was written, ISO 8601; None where there is none."""
        return pulumi.get(self, "newest")  # type: ignore[no-any-return]


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
        exports anew; the other arguments are updated in place. An export takes about five minutes.

        :param resource_name: The resource's name in the stack. It means nothing to the export: a renamed resource is the
            same export.
        :param arn: The ARN of the Earth observation job. Its region is where the export runs.
        :param execution_role_arn: The ARN of the IAM role (20 to 2,048 characters) that the service writes with.
        :param output_config: Where the results go; `OutputConfigArgs` or a dictionary of the same fields.
        :param export_source_images: Also export the images that the job was run on. Default False.
        :param client_token: 36 to 64 characters that name one export for ever. Normally left out: it is then derived from
            the request and the triggers.
        :param triggers: Any JSON value; a change exports anew. Default None.
        :param wait_for_completion: False: start the export and let a later `pulumi refresh` see the end. Default True.
        :param verify_objects: False: the status alone decides, and the destination is not listed. Default True.
        :param delete_objects: True: deleting the resource removes the objects that this export wrote. Default False. Turn it
            off before you move the declaration to another stack or project: what is adopted there is deleted here.
        :param opts: Pulumi's options; `custom_timeouts` (create, update: 60 minutes by default) bounds the wait.

        The operation fails with a sentence that says what to do next; see `pulumi_sagemaker_geospatial.errors`.
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
        super().__init__(P, resource_name, {**declared, **dict.fromkeys(_OUTPUTS)}, opts)
        _count_against_parallel()

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
        self = cls.__new__(cls)
        opts = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(id=id))
        names = (*REPLACING, *SETTINGS, *_OUTPUTS)
        Resource.__init__(self, P, resource_name, dict.fromkeys(names), opts)
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
        return _kept(self, "export_source_images").apply(bool)

    @property
    def client_token(self) -> pulumi.Output[str]:
        """The token that the export was started with: the given one, or the derived one."""
        values = {name: _kept(self, name) for name in (*REPLACING, "__attempt")}
        return pulumi.Output.all(**values).apply(lambda props: client_token(props) if props["output_config"] else "")

    @property
    def triggers(self) -> pulumi.Output[Any]:
        """The triggers that the export was made for."""
        return _kept(self, "triggers")

    @property
    def wait_for_completion(self) -> pulumi.Output[bool]:
        """Whether `pulumi up` waits for the end."""
        return _setting(self, "wait_for_completion")

    @property
    def verify_objects(self) -> pulumi.Output[bool]:
        """Whether the destination is compared with what was exported."""
        return _setting(self, "verify_objects")

    @property
    def delete_objects(self) -> pulumi.Output[bool]:
        """Whether deleting the resource removes what it exported."""
        return _setting(self, "delete_objects")

    @property
    @pulumi.getter
    def creation_time(self) -> pulumi.Output[Optional[str]]:
        """When the export was started, ISO 8601 in UTC."""
        return _kept(self, "creation_time")

    @property
    @pulumi.getter
    def export_status(self) -> pulumi.Output[Optional[str]]:
        """IN_PROGRESS, SUCCEEDED or FAILED."""
        return pulumi.get(self, "export_status")  # type: ignore[no-any-return]

    @property
    @pulumi.getter
    def export_error_details(self) -> pulumi.Output[Optional[Mapping[str, Mapping[str, str]]]]:
        """Why the export FAILED: ``export_results`` and ``export_source_images``, each with ``type`` and ``message``."""
        return _kept(self, "export_error_details")

    @property
    @pulumi.getter
    def exported_objects(self) -> pulumi.Output[Optional[ExportedObjects]]:
        """What the export wrote; None while it runs, or where the destination is not or cannot be listed."""
        return _kept(self, "exported_objects")

    @property
    @pulumi.getter
    def drift(self) -> pulumi.Output[Optional[str]]:
        """What the last refresh found to be no longer true, in a sentence; the next `pulumi up` exports anew."""
        return _kept(self, "drift")

    @property
    def location(self) -> pulumi.Output[str]:
        """The folder that the export wrote, ``<s3_uri>/<job id>/``; secret where the destination is."""
        return pulumi.Output.all(_kept(self, "output_config"), _kept(self, "arn")).apply(
            lambda both: location(both[0]["s3_data"]["s3_uri"], both[1]) if both[0] else ""
        )


_declared: WeakKeyDictionary[pulumi.Resource, int] = WeakKeyDictionary()


def _kept(resource: ExportEarthObservationJob, name: str) -> pulumi.Output[Any]:
    """An output that the state may leave out: None then, and known in a plan as soon as the export's status is."""
    output: pulumi.Output[Any] = pulumi.get(resource, name)
    status: pulumi.Output[Any] = pulumi.get(resource, "export_status")

    async def known() -> bool:
        return await output.is_known() or await status.is_known()

    return pulumi.Output(output.resources(), output.future(), known(), output.is_secret())


def _setting(resource: ExportEarthObservationJob, name: str) -> pulumi.Output[bool]:
    return _kept(resource, name).apply(lambda value: SETTINGS[name] if value is None else bool(value))


def _count_against_parallel() -> None:
    # Every export that waits takes one of the engine's places; the others would wait for a place, not for AWS.
    stack, parallel = settings.get_root_resource(), settings.SETTINGS.parallel
    if stack is None or not parallel or settings.is_dry_run():
        return
    _declared[stack] = _declared.get(stack, 0) + 1
    if _declared[stack] == parallel + 1:
        pulumi.log.warn(
            f"this program declares more exports than the {parallel} that `pulumi up` runs side by side: "
            "run `pulumi up --parallel 256`, or set PULUMI_PARALLEL=256"
        )
