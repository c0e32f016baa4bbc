"""Run the service: python __main__.py"""

import os

import uvicorn
from exports import Exporter
from service import create_app

uvicorn.run(create_app(Exporter(os.environ["EXPORT_S3_URI"], os.environ["EXPORT_ROLE_ARN"])), port=8080)
