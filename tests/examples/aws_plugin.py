"""A stand-in for the plugin of pulumi-aws, which creates roles, buckets and keys in the emulator.

The real one is not available from package registries. This one knows the few resources that the component declares, and shows what
the real engine makes of them: which values a preview does not know, and the order of creation.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent import futures
from typing import Any

import boto3
import grpc
from google.protobuf import empty_pb2, struct_pb2
from google.protobuf.json_format import MessageToDict
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc
from pulumi.runtime.rpc import UNKNOWN

REGION = "us-west-2"


def create_bucket(name: str, inputs: dict[str, Any]) -> dict[str, Any]:
    boto3.client("s3", REGION).create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    return {"bucket": name, "arn": f"arn:aws:s3:::{name}"}


def create_key(name: str, inputs: dict[str, Any]) -> dict[str, Any]:
    return {"arn": boto3.client("kms", REGION).create_key()["KeyMetadata"]["Arn"]}


def create_role(name: str, inputs: dict[str, Any]) -> dict[str, Any]:
    trust = inputs["assumeRolePolicy"]
    role = boto3.client("iam", REGION).create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]
    return {"name": name, "arn": role["Arn"]}


def create_role_policy(name: str, inputs: dict[str, Any]) -> dict[str, Any]:
    role, policy = inputs["role"], inputs["policy"]
    boto3.client("iam", REGION).put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=policy)
    return {}


#: The functions that create resources, and the outputs that a preview does not know. Other types are only recorded in the state.
TYPES: dict[str, tuple[Callable[[str, dict[str, Any]], dict[str, Any]], tuple[str, ...]]] = {
    "aws:s3/bucket:Bucket": (create_bucket, ("bucket", "arn")),
    "aws:kms/key:Key": (create_key, ("arn",)),
    "aws:iam/role:Role": (create_role, ("name", "arn")),
    "aws:iam/rolePolicy:RolePolicy": (create_role_policy, ()),
}


class Plugin(provider_pb2_grpc.ResourceProviderServicer):
    """Creates resources, and takes them for unchanged if their inputs are."""

    def GetPluginInfo(self, request: Any, context: Any) -> Any:
        return plugin_pb2.PluginInfo(version="7.0.0")

    def CheckConfig(self, request: Any, context: Any) -> Any:
        return provider_pb2.CheckResponse(inputs=request.news)

    def Configure(self, request: Any, context: Any) -> Any:
        return provider_pb2.ConfigureResponse(supportsPreview=True)

    def Check(self, request: Any, context: Any) -> Any:
        return provider_pb2.CheckResponse(inputs=request.news)

    def Diff(self, request: Any, context: Any) -> Any:
        response = provider_pb2.DiffResponse
        same = request.old_inputs == request.news
        return response(changes=response.DIFF_NONE if same else response.DIFF_SOME)

    def Create(self, request: Any, context: Any) -> Any:
        type_, name = request.urn.split("::")[2].rpartition("$")[2], request.urn.rpartition("::")[2]
        inputs = MessageToDict(request.properties)
        create, unknown = TYPES.get(type_, (lambda name, inputs: {}, ()))
        outputs = dict.fromkeys(unknown, UNKNOWN) if request.preview else create(name, inputs)
        properties = struct_pb2.Struct()
        properties.update(inputs | outputs)
        return provider_pb2.CreateResponse(id="" if request.preview else name, properties=properties)

    def Delete(self, request: Any, context: Any) -> Any:
        return empty_pb2.Empty()

    def Cancel(self, request: Any, context: Any) -> Any:
        return empty_pb2.Empty()


if __name__ == "__main__":
    server = grpc.server(futures.ThreadPoolExecutor(8))
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(Plugin(), server)
    print(server.add_insecure_port("127.0.0.1:0"), flush=True)
    server.start()
    threading.Event().wait()
