"""The engine and the dynamic host of one process, as far as they call the provider."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import moto_sagemaker_geospatial as geospatial
from pulumi.dynamic import Config, ConfigureRequest
from pulumi_sagemaker_geospatial.provider import ExportProvider

from tests.unit.unit_harness import KEYS

QUICK = {"sagemakergeospatial:pollInterval": "0.02", "sagemakergeospatial:maxCallsPerSecond": "1000"}
DETAILS = dict[str, tuple[str, bool]]


def urn(name: str) -> str:
    return f"urn:pulumi:test::house::pulumi-python:dynamic:ExportEarthObservationJob::{name}"


@dataclass
class Caller:
    """The engine and the host of one process: a name's URN is in a frame below each call, as in the host."""

    provider: ExportProvider
    details: list[DETAILS]
    said: list[tuple[str, str]]

    def _serve(self, name: str, call: Callable[[], Any], timeout: float = 60.0) -> Any:
        request = SimpleNamespace(urn=urn(name), timeout=timeout)
        assert request.urn
        return call()

    def check(self, news: dict[str, Any], olds: dict[str, Any] | None = None, name: str = "lake") -> Any:
        return self._serve(name, lambda: self.provider.check(olds or {}, news))

    def diff(self, olds: dict[str, Any], news: dict[str, Any], name: str = "lake") -> Any:
        return self._serve(name, lambda: self.provider.diff("123456789012/lake00000000", olds, news))

    def create(self, news: dict[str, Any], name: str = "lake") -> Any:
        return self._serve(name, lambda: self.provider.create(self.check(news, name=name).inputs))

    def read(self, props: dict[str, Any], name: str = "lake", id_: str = "123456789012/lake00000000") -> Any:
        return self._serve(name, lambda: self.provider.read(id_, props))

    def update(self, olds: dict[str, Any], news: dict[str, Any], name: str = "lake") -> dict[str, Any]:
        outs: dict[str, Any] = self._serve(
            name, lambda: self.provider.update("123456789012/lake00000000", olds, news)
        ).outs
        return outs

    def delete(self, props: dict[str, Any], name: str = "lake") -> None:
        self._serve(name, lambda: self.provider.delete("123456789012/lake00000000", props))

    def replaced(self, olds: dict[str, Any], news: dict[str, Any]) -> tuple[list[str], DETAILS]:
        found = self.diff(olds, news)
        return found.replaces, self.details[-1]

    def sentences(self) -> str:
        return "\n".join(text for _, text in self.said)


def process(**config: Any) -> ExportProvider:
    provider = ExportProvider()
    provider.configure(ConfigureRequest(Config({**KEYS, **QUICK, **config}, "house")))
    return provider


def started() -> int:
    return sum(geospatial.in_use().exports.values())
