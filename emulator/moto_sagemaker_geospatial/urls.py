"""sagemaker-geospatial base URL and paths."""

from .responses import SageMakerGeospatialResponse

url_bases = [r"https?://sagemaker-geospatial\.(.+)\.amazonaws\.com"]

url_paths = {
    "{0}/earth-observation-jobs$": SageMakerGeospatialResponse.dispatch,
    "{0}/earth-observation-jobs/(?P<Arn>.+)$": SageMakerGeospatialResponse.dispatch,
    "{0}/export-earth-observation-job$": SageMakerGeospatialResponse.dispatch,
    "{0}/list-earth-observation-jobs$": SageMakerGeospatialResponse.dispatch,
}
