"""The example `automation-api`: its README is true, and the service reports a failed export and one of an earlier process.

It releases the lock of a service that was killed.
"""

from __future__ import annotations

import json
from collections.abc import Callable

from tests.examples.example_project import ExampleProject
from tests.harness import ROLE, Emulator, job_arn
from tests.root_project.project_stack import DEMO_BUCKET

#: Exports jobs in a new process, and prints what it finds of the one of the README before that and of all of them afterwards.
PROGRAM = f"""
import dataclasses, json, os, sys, time
from exports import Exporter

exporter = Exporter(s3_uri="s3://{DEMO_BUCKET}/on-demand/", execution_role_arn="{ROLE}")
found = [exporter.find("demo00000003")]
for job in ("{job_arn("demo00000001")}", "{job_arn("demo00000003")}"):
    exporter.start(job)
while any(exporter.find(f"demo0000000{{number}}").status == "running" for number in (1, 3)):
    time.sleep(0.1)
found += [exporter.find(f"demo0000000{{number}}") for number in (1, 2, 3)]
print(json.dumps([each and dataclasses.asdict(each) for each in found]))
"""


def test_the_service_exports_on_demand(copied_example: Callable[[str], ExampleProject], demo: Emulator) -> None:
    example = copied_example("automation-api")
    example.assert_readme_is_true()
    assert demo.list_keys("on-demand/demo00000003/", DEMO_BUCKET)

    demo.add_fault("ExportEarthObservationJob", "fail_export", arn=job_arn("demo00000001"), message="The disk is full.")
    example.env |= {"AWS_ENDPOINT_URL": demo.url, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    (example.directory / "program.py").write_text(PROGRAM)
    # What a service leaves that was killed during the export: the next one releases it.
    locks = example.directory.parent / "state/.pulumi/locks/organization/automation-api/demo00000003"
    locks.mkdir(parents=True, exist_ok=True)
    (locks / "left.json").write_text('{"pid": 1, "username": "service", "hostname": "host"}')
    printed = example.run("python program.py")
    # The log of the service is beside it.
    [found] = [line for line in printed.splitlines() if line.startswith("[{")]
    earlier, failed, unknown, succeeded = json.loads(found)
    assert failed["status"] == "failed"
    assert list(locks.iterdir()) == []
    assert "The disk is full." in failed["error"]
    assert "\n" not in failed["error"]
    assert unknown is None
    assert (
        earlier
        == succeeded
        == {
            "id": "demo00000003",
            "status": "succeeded",
            "location": f"s3://{DEMO_BUCKET}/on-demand/demo00000003/",
            "error": None,
        }
    )
