"""The nested arguments of an export: the API's OutputConfig."""

from __future__ import annotations

import sys
from typing import Optional, TypedDict, Union

import pulumi

if sys.version_info >= (3, 11):
    from typing import NotRequired
else:
    from typing_extensions import NotRequired


class S3DataArgsDict(TypedDict):
    """The destination in S3, as a dictionary: ``{"s3_uri": "s3://BUCKET/PREFIX/", "kms_key_id": "alias/KEY"}``."""

    s3_uri: pulumi.Input[str]
    """``s3://BUCKET/PREFIX/``; the files are written below ``<s3_uri>/<job id>/``."""
    kms_key_id: NotRequired[Optional[pulumi.Input[str]]]
    """The KMS key (id, ARN or alias) that encrypts the files; at most 2,048 characters. Default: the bucket's encryption."""


class OutputConfigArgsDict(TypedDict):
    """Where the results go, as a dictionary: ``{"s3_data": {"s3_uri": "s3://BUCKET/PREFIX/"}}``."""

    s3_data: pulumi.Input[Union[S3DataArgsDict, S3DataArgs]]
    """The destination in S3."""


@pulumi.input_type
class S3DataArgs:
    """The destination in S3: ``S3DataArgs(s3_uri="s3://BUCKET/PREFIX/", kms_key_id="alias/KEY")``."""

    def __init__(self, *, s3_uri: pulumi.Input[str], kms_key_id: Optional[pulumi.Input[str]] = None) -> None:
        """
        :param s3_uri: ``s3://BUCKET/PREFIX/``; the files are written below ``<s3_uri>/<job id>/``.
        :param kms_key_id: The KMS key (id, ARN or alias) that encrypts the files; at most 2,048 characters. Default: the
            bucket's encryption.
        """
        pulumi.set(self, "s3_uri", s3_uri)
        if kms_key_id is not None:
            pulumi.set(self, "kms_key_id", kms_key_id)

    @property
    @pulumi.getter
    def s3_uri(self) -> pulumi.Input[str]:
        """``s3://BUCKET/PREFIX/``; the files are written below ``<s3_uri>/<job id>/``."""
        return pulumi.get(self, "s3_uri")  # type: ignore[no-any-return]

    @property
    @pulumi.getter
    def kms_key_id(self) -> Optional[pulumi.Input[str]]:
        """The KMS key that encrypts the files. Default: the bucket's encryption."""
        return pulumi.get(self, "kms_key_id")  # type: ignore[no-any-return]


@pulumi.input_type
class OutputConfigArgs:
    """Where the results go: ``OutputConfigArgs(s3_data=S3DataArgs(s3_uri="s3://BUCKET/PREFIX/"))``."""

    def __init__(self, *, s3_data: pulumi.Input[Union[S3DataArgs, S3DataArgsDict]]) -> None:
        """
        :param s3_data: The destination in S3, as `S3DataArgs` or as a dictionary.
        """
        pulumi.set(self, "s3_data", s3_data)

    @property
    @pulumi.getter
    def s3_data(self) -> pulumi.Input[Union[S3DataArgs, S3DataArgsDict]]:
        """The destination in S3."""
        return pulumi.get(self, "s3_data")  # type: ignore[no-any-return]
