"""Tools for the tests of programs that declare exports: mocks without an engine, and the emulator as a pytest fixture.

`ExportMocks` runs a program without an engine and without AWS, and validates its exports as the resources do. `start_emulator` starts
the emulator of the distribution `moto-sagemaker-geospatial`; `pulumi_sagemaker_geospatial.testing.pytest_plugin` has the fixture.
Source: https://www.pulumi.com/docs/iac/guides/testing/unit/
"""

from .emulator import Emulator, EmulatorError, start_emulator
from .mocks import DeclaredExport, ExportMocks, InvalidExportError

__all__ = ["DeclaredExport", "Emulator", "EmulatorError", "ExportMocks", "InvalidExportError", "start_emulator"]
