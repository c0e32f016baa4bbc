"""The HTTP interface: `POST /exports` exports a job, `GET /exports/{id}` returns the status."""

from typing import Annotated

from exports import Export, Exporter
from fastapi import FastAPI, HTTPException, Path, Response
from pydantic import BaseModel, Field

JOB_ID = "[a-z0-9]{12,}"
JOB_ARN = rf"^arn:aws[a-z-]*:sagemaker-geospatial:[a-z0-9-]+:\d{{12}}:earth-observation-job/{JOB_ID}$"


class ExportRequest(BaseModel):
    """The body of `POST /exports`."""

    job_arn: str = Field(pattern=JOB_ARN)


def create_app(exporter: Exporter) -> FastAPI:
    """Return the application."""
    app = FastAPI(title="Exports of Earth observation jobs")

    @app.post("/exports", status_code=202)
    def start(request: ExportRequest, response: Response) -> Export:
        export = exporter.start(request.job_arn)
        response.headers["Location"] = f"/exports/{export.id}"
        return export

    @app.get("/exports/{export_id}")
    def status(export_id: Annotated[str, Path(pattern=f"^{JOB_ID}$")]) -> Export:
        export = exporter.find(export_id)
        if export is None:
            raise HTTPException(404, f"{export_id} was not exported: send the ARN of the job to POST /exports")
        return export

    return app
