pytest_plugins = ["pulumi_sagemaker_geospatial.testing.pytest_plugin"]
