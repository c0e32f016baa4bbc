"""Sessions from the stack's aws: config, and the requests that they send."""

from __future__ import annotations

import urllib.parse
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import moto_sagemaker_geospatial as geospatial
import pytest
from moto_sagemaker_geospatial.control import EmulatorControl
from pulumi_sagemaker_geospatial import ExportError
from pulumi_sagemaker_geospatial._runtime.aws_session import AwsSession
from pulumi_sagemaker_geospatial._runtime.context import OperationContext
from pulumi_sagemaker_geospatial._runtime.rate_limiter import Unlimited

from tests.support.aws_names import REGION
from tests.support.calls import InlineCallRunner


@dataclass
class ClientFactory:
    """The clients of one config, and the warnings that it gave."""

    session: AwsSession
    warnings: list[str]

    def client(self, service: str) -> Any:
        return self.session.client(service, REGION, OperationContext())

    @property
    def control(self) -> EmulatorControl:
        return geospatial.get_control()


def make_session(**config: Any) -> ClientFactory:
    """Return the clients of an aws: config."""
    warnings: list[str] = []
    values = {"aws:maxRetries": "0", **{f"aws:{name}": value for name, value in config.items()}}
    return ClientFactory(AwsSession(values.get, InlineCallRunner(), Unlimited(), warnings.append), warnings)


def keyed_session(**config: Any) -> ClientFactory:
    """Return the clients of an aws: config that has an access key."""
    return make_session(accessKey="AKIAOURS", secretKey="secret", **config)


def client_error(factory: ClientFactory) -> ExportError:
    """Return the error that the first call ends with."""
    with pytest.raises(ExportError) as caught:
        factory.client("sagemaker-geospatial").list_earth_observation_jobs()
    return caught.value


def write_config(monkeypatch: pytest.MonkeyPatch, folder: Path, text: str) -> None:
    """Make a text the AWS config file."""
    file = folder / "config"
    file.write_text(text)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(file))


def signed_by(request: Any) -> str:
    """Return the access key that has signed a request."""
    return str(request.headers["Authorization"]).partition("Credential=")[2].partition("/")[0]


def form_of(request: Any) -> dict[str, str]:
    """Return the form that a request sends."""
    body = request.body.decode() if isinstance(request.body, bytes) else str(request.body)
    return dict(urllib.parse.parse_qsl(body))
