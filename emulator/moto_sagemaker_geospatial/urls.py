"""sagemaker-geospatial base URL and paths."""

from .responses import SageMakerGeospatialResponse

url_bases = [r"https?://sagemaker-geospatial\.(.+)\.amazonaws\.com"]

# Every path: what the emulator does not implement is answered with a JSON error too.
url_paths = {"{0}/.*$": SageMakerGeospatialResponse.dispatch}
