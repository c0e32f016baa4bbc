"""What the tests stand on: the service on this machine in a process of its own, and stacks on a real engine."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3

CHECKOUT = Path(__file__).resolve().parent.parent
ACCOUNT, REGION = "123456789012", "us-west-2"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/eoj-export"
BUCKET = "exports"
NO_ENGINE = "no pulumi on PATH: run `make setup`, then `make test`, which brings one"

#: A program that declares what a file beside it says: each entry has the resource's arguments, a name and its options.
PROGRAM = """\
import json
import pulumi
from pulumi_sagemaker_geospatial import ExportEarthObservationJob

made = {}
for entry in json.load(open("exports.json")):
    name, opts, extra = entry.pop("name"), entry.pop("opts", {}), entry.pop("secret", [])
    timeouts = opts.pop("timeouts", None)
    if "depends_on" in opts:
        opts["depends_on"] = [made[each] for each in opts["depends_on"]]
    if "aliases" in opts:
        opts["aliases"] = [pulumi.Alias(name=each) for each in opts["aliases"]]
    if timeouts:
        opts["custom_timeouts"] = pulumi.CustomTimeouts(**timeouts)
    for each in extra:
        entry[each] = pulumi.Output.secret(entry[each])
    made[name] = ExportEarthObservationJob(name, **entry, opts=pulumi.ResourceOptions(**opts))
"""


def arn(job: str) -> str:
    return f"arn:aws:sagemaker-geospatial:{REGION}:{ACCOUNT}:earth-observation-job/{job}"


def exported_to(prefix: str, **more: Any) -> dict[str, Any]:
    """The output_config of a folder of the bucket."""
    return {"s3_data": {"s3_uri": f"s3://{BUCKET}/{prefix}/", **more}}


def declared(name: str, job: str = "", *, prefix: str = "", **more: Any) -> dict[str, Any]:
    """One export, as the program above reads it."""
    job = job or f"{re.sub('[^a-z0-9]', '', name):0<12}"
    entry = {
        "name": name,
        "arn": arn(job),
        "execution_role_arn": ROLE,
        "output_config": exported_to(prefix or name),
    }
    return {**entry, **more}


@dataclass
class Emulator:
    """The service over HTTP, with its settings, faults and log of calls."""

    url: str

    def client(self, service: str, **more: Any) -> Any:
        keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
        return boto3.client(service, region_name=REGION, endpoint_url=self.url, **{**keys, **more})  # type: ignore[call-overload]

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        request = urllib.request.Request(
            f"{self.url}/moto-api/sagemaker-geospatial/{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def settings(self, **settings: Any) -> None:
        self.ask("PUT", "settings", settings)

    def fault(self, operation: str, kind: str, **more: Any) -> None:
        self.ask("POST", "faults", {"operation": operation, "kind": kind, **more})

    def no_faults(self) -> None:
        self.ask("DELETE", "faults")

    def job(self, job: str, **more: Any) -> str:
        self.ask("POST", "jobs", [{"id": job, **more}])
        return arn(job)

    def jobs(self, entries: Iterable[Mapping[str, Any]]) -> None:
        """Finished jobs for all that is declared."""
        self.ask("POST", "jobs", [{"id": entry["arn"].rpartition("/")[2]} for entry in entries])

    def calls(self) -> dict[str, Any]:
        report: dict[str, Any] = self.ask("GET", "calls")
        return report

    def count(self, operation: str = "ExportEarthObservationJob") -> int:
        return int(self.calls()["counts"].get(operation, 0))

    def started(self, job: str | None = None) -> int:
        """Exports that really started, of a job or of all."""
        exports = self.calls()["exports"]
        return int(exports.get(arn(job), 0)) if job else sum(exports.values())

    def forget_calls(self) -> None:
        self.ask("DELETE", "calls")

    def keys(self, prefix: str = "", bucket: str = BUCKET) -> list[str]:
        pages = self.client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        return [each["Key"] for page in pages for each in page.get("Contents", [])]

    def reset(self) -> None:
        """A new account: a bucket and a role that the service may take."""
        urllib.request.urlopen(urllib.request.Request(f"{self.url}/moto-api/reset", method="POST"), timeout=30).close()
        self.ask("POST", "reset")
        self.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        self.role("eoj-export")
        self.forget_calls()

    def role(self, name: str, service: str = "sagemaker-geospatial.amazonaws.com") -> str:
        statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
        trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        made = self.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=trust)
        return str(made["Role"]["Arn"])


def start_emulator(*arguments: str) -> tuple[subprocess.Popen[str], str]:
    command = [sys.executable, "-m", "moto_sagemaker_geospatial", "--port", "0", *arguments]
    env = {**os.environ, "PYTHONPATH": str(CHECKOUT / "emulator")}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env)
    assert process.stdout is not None
    line = process.stdout.readline()
    found = re.search(r"http://\S+", line)
    assert found, f"the emulator said: {line}"
    return process, found[0]


@dataclass
class Ran:
    """A command that has run."""

    code: int
    output: str

    def __contains__(self, text: str) -> bool:
        return text in self.output


@dataclass
class Stack:
    """A project with one stack in a file backend of its own, and the program above unless there is another."""

    directory: Path
    url: str
    config: dict[str, Any] = field(default_factory=dict)
    env: dict[str, str] = field(default_factory=dict)
    program: str = PROGRAM

    def __post_init__(self) -> None:
        (self.directory / "state").mkdir(parents=True)
        (self.directory / "Pulumi.yaml").write_text("name: house\nruntime: python\n")
        self.declare([])
        self.write(self.program)
        self.configure()
        self.run("stack", "init", "test")

    def write(self, program: str) -> None:
        (self.directory / "__main__.py").write_text(program)

    def declare(self, entries: Iterable[Mapping[str, Any]]) -> None:
        (self.directory / "exports.json").write_text(json.dumps(list(entries)))

    def configure(self, **config: Any) -> None:
        """Set the stack's config: the emulator's endpoints, a quick poller, and what is given."""
        self.config.update(config)
        endpoints = [dict.fromkeys(("sagemakergeospatial", "s3", "sts"), self.url)]
        values = {
            "aws:accessKey": "test",
            "aws:secretKey": "test",
            "aws:endpoints": endpoints,
            "sagemakergeospatial:pollInterval": 0.1,
            "sagemakergeospatial:maxCallsPerSecond": 500,
            **self.config,
        }
        kept = {name: value for name, value in values.items() if value is not None}
        (self.directory / "Pulumi.test.yaml").write_text(json.dumps({"config": kept}))  # JSON is YAML

    def environment(self) -> dict[str, str]:
        ours = {
            "PULUMI_HOME": str(self.directory.parent / "home"),
            "PULUMI_BACKEND_URL": f"file://{self.directory / 'state'}",
            "PULUMI_CONFIG_PASSPHRASE": "",
            "PULUMI_SKIP_UPDATE_CHECK": "1",
            "PYTHONPATH": os.pathsep.join([str(CHECKOUT / "provider"), str(CHECKOUT / "emulator")]),
            **self.env,
        }
        left = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PULUMI_"))}
        return {**left, **ours}

    def command(self, *arguments: str) -> list[str]:
        return ["pulumi", *arguments, "--non-interactive", "--color", "never"]

    def run(self, *arguments: str, fails: bool = False, env: Mapping[str, str] = {}) -> Ran:
        done = subprocess.run(
            self.command(*arguments),
            cwd=self.directory,
            env={**self.environment(), **env},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
        )
        assert (done.returncode != 0) == fails, f"pulumi {' '.join(arguments)}: {done.returncode}\n{done.stdout}"
        return Ran(done.returncode, done.stdout)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """A command that goes on, in a process group of its own."""
        return subprocess.Popen(
            self.command(*arguments),
            cwd=self.directory,
            env=self.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def up(self, *arguments: str, fails: bool = False, env: Mapping[str, str] = {}) -> Ran:
        return self.run("up", "--yes", "--skip-preview", *arguments, fails=fails, env=env)

    def empty(self) -> Ran:
        """An up that must change nothing."""
        return self.up("--expect-no-changes")

    def preview(self, *arguments: str, fails: bool = False) -> Ran:
        return self.run("preview", "--diff", *arguments, fails=fails)

    def plan(self, *arguments: str) -> dict[str, Any]:
        """The plan as JSON: the steps of exports by their names; what stays as it is has none."""
        done = subprocess.run(
            self.command("preview", "--json", *arguments),
            cwd=self.directory,
            env=self.environment(),
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        steps = json.loads(done.stdout)["steps"]
        return {_name(step["urn"]): step for step in steps if "ExportEarthObservationJob" in step["urn"]}

    def refresh(self, *arguments: str, fails: bool = False) -> Ran:
        return self.run("refresh", "--yes", "--skip-preview", *arguments, fails=fails)

    def destroy(self, *arguments: str, fails: bool = False) -> Ran:
        return self.run("destroy", "--yes", "--skip-preview", *arguments, fails=fails)

    def export(self) -> dict[str, Any]:
        path = self.directory / "exported.json"
        self.run("stack", "export", "--file", str(path))
        state: dict[str, Any] = json.loads(path.read_text())
        return state

    def import_(self, state: Mapping[str, Any]) -> None:
        path = self.directory / "to-import.json"
        path.write_text(json.dumps(state))
        self.run("stack", "import", "--file", str(path))

    def resources(self) -> dict[str, dict[str, Any]]:
        """The exports in the state, by name."""
        resources = self.export()["deployment"].get("resources", [])
        return {_name(each["urn"]): each for each in resources if "ExportEarthObservationJob" in each["type"]}

    def outputs(self, name: str) -> dict[str, Any]:
        outputs: dict[str, Any] = self.resources()[name]["outputs"]
        return outputs


def actions(plan: Mapping[str, Any]) -> dict[str, str]:
    """What a plan does with each export."""
    return {name: step["op"] for name, step in plan.items()}


def changes(step: Mapping[str, Any]) -> list[str]:
    """The properties that a step of a plan names as its reason."""
    return sorted(step.get("detailedDiff") or {})


def kill(process: subprocess.Popen[str], how: signal.Signals = signal.SIGKILL) -> None:
    """End a command and all that it has started."""
    os.killpg(process.pid, how)
    process.communicate(timeout=60)


def has_engine() -> bool:
    return shutil.which("pulumi") is not None


def _name(urn: str) -> str:
    return urn.rpartition("::")[2]
