"""Faults of S3 and STS calls in process: `mock_aws` answers botocore without any server."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders
from moto.core.botocore_stubber import BotocoreStubber, MockRawResponse

from .control import control
from .fault_injection import inject_faults
from .operations import OTHER_SERVICES
from .other_services import error_response


def install() -> None:
    """Wrap moto's botocore hook, so that calls of S3 and STS have faults too. Call it once a process."""
    process = BotocoreStubber.__call__

    def call_with_faults(
        self: BotocoreStubber, event_name: str, request: AWSPreparedRequest, **kwargs: Any
    ) -> AWSResponse | None:
        _, service, operation = event_name.split(".", 2)  # before-send.s3.ListObjectsV2
        if not self.enabled or service not in OTHER_SERVICES:
            return process(self, event_name, request, **kwargs)
        name = f"{service}:{operation}"
        control.count(name)
        url, method = request.url or "", request.method or ""
        replaced = inject_faults(
            name,
            None,
            lambda: process(self, event_name, request, **kwargs),
            lambda fault: error_response(service, fault, urlsplit(url).path),
            url,
        )
        if replaced is None:
            return process(self, event_name, request, **kwargs)
        headers, body = HTTPHeaders.from_dict(replaced.headers), "" if method == "HEAD" else replaced.body
        raw: Any = MockRawResponse(body)
        return AWSResponse(url, replaced.status, headers, raw)

    BotocoreStubber.__call__ = call_with_faults  # type: ignore[method-assign]
