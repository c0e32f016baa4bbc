"""S3 as a script: each of its calls returns or raises what a test has set for it, and is kept with its arguments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from botocore.exceptions import ClientError
from pulumi_sagemaker_geospatial._runtime.context import OperationContext
from pulumi_sagemaker_geospatial._runtime.s3 import Bucket, Deletion
from pulumi_sagemaker_geospatial._runtime.s3_objects import Folder, S3Object

from tests.support.aws_names import REGION


class ScriptedS3:
    """S3, where every call succeeds at once unless a test says otherwise.

    Attributes:
        answers: what the calls of a method return, raise or call with their context, in this order; the last one stays.
        calls: the method and the arguments of each call, without the context.
        contexts: the context of each call.
    """

    def __init__(self) -> None:
        self.answers: dict[str, list[Any]] = {
            "list_objects": [[]],
            "list_current_versions": [[]],
            "delete_versions": [Deletion()],
            "put_object": ["etag"],
            "has_objects": [False],
            "find_bucket": [Bucket(REGION)],
        }
        self.calls: list[tuple[Any, ...]] = []
        self.contexts: list[OperationContext] = []

    def count(self, method: str) -> int:
        """Return how often a method was called."""
        return [each[0] for each in self.calls].count(method)

    def list_objects(self, folder: Folder, ctx: OperationContext, doing: str) -> list[S3Object]:
        found: list[S3Object] = self._answer(ctx, "list_objects", folder, doing)
        return found

    def list_current_versions(self, folder: Folder, ctx: OperationContext, doing: str) -> list[S3Object]:
        found: list[S3Object] = self._answer(ctx, "list_current_versions", folder, doing)
        return found

    def delete_versions(
        self, folder: Folder, objects: Sequence[S3Object], ctx: OperationContext, doing: str
    ) -> Deletion:
        deletion: Deletion = self._answer(ctx, "delete_versions", folder, list(objects), doing)
        return deletion

    def put_object(
        self, folder: Folder, body: bytes, content_type: str, kms_key_id: str | None, ctx: OperationContext, doing: str
    ) -> str:
        etag: str = self._answer(ctx, "put_object", folder, body, content_type, kms_key_id, doing)
        return etag

    def has_objects(self, folder: Folder, ctx: OperationContext, doing: str) -> bool:
        found: bool = self._answer(ctx, "has_objects", folder, doing)
        return found

    def find_bucket(self, folder: Folder, ctx: OperationContext, doing: str) -> Bucket | None:
        bucket: Bucket | None = self._answer(ctx, "find_bucket", folder, doing)
        return bucket

    def _answer(self, ctx: OperationContext, method: str, *arguments: Any) -> Any:
        ctx.raise_if_done(str(arguments[-1]))
        self.calls.append((method, *arguments))
        self.contexts.append(ctx)
        answers = self.answers[method]
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer(ctx) if callable(answer) else answer


def s3_error(code: str, message: str = "because", status: int = 400) -> ClientError:
    """Return the error of a call that S3 has refused."""
    response: Any = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(response, "AnyOperation")


def no_answer(ctx: OperationContext) -> Any:
    """Be a call that is never answered: it ends where its operation has to return."""
    ctx.sleep(float("inf"))
    ctx.raise_if_done("calling S3")
