"""The names under which ``aws:endpoints`` has URLs: those of the services that are called here, and of all others."""

from __future__ import annotations

from collections.abc import Iterable

#: What pulumi-aws calls the services that are called here, by boto3's names. The first one is the usual one.
ENDPOINT_NAMES = {
    "sagemaker-geospatial": ("sagemakergeospatial", "sagemaker-geospatial"),
    "s3": ("s3", "s3api"),
    "sts": ("sts",),
}

#: What pulumi-aws calls other services for which botocore has another name.
_OTHER_NAMES = frozenset(
    {
        "amg",
        "appautoscaling",
        "appintegrationsservice",
        "appregistry",
        "beanstalk",
        "cloudcontrolapi",
        "cloudwatchevents",
        "cloudwatchevidently",
        "cloudwatchlog",
        "cloudwatchlogs",
        "cloudwatchobservabilityaccessmanager",
        "cloudwatchrum",
        "cognitoidentityprovider",
        "configservice",
        "costandusagereportservice",
        "costexplorer",
        "databasemigration",
        "databasemigrationservice",
        "deploy",
        "directoryservice",
        "directoryservicedata",
        "elasticloadbalancing",
        "elasticloadbalancingv2",
        "elasticsearch",
        "elasticsearchservice",
        "elastictranscoder",
        "eventbridge",
        "evidently",
        "finspace",
        "gluedatabrew",
        "inspectorv2",
        "lex",
        "lexmodelbuilding",
        "lexmodelbuildingservice",
        "lexmodelsv2",
        "locationservice",
        "managedgrafana",
        "msk",
        "opensearchingestion",
        "opensearchservice",
        "prometheus",
        "prometheusservice",
        "qldb",
        "rdsdataservice",
        "recyclebin",
        "redshiftdataapiservice",
        "resourcegroupstagging",
        "serverlessapplicationrepository",
        "serverlessapprepo",
        "sfn",
        "transcribeservice",
    }
)


def endpoint_settings(service: str) -> str:
    """Return the settings that decide on the endpoint of a service of boto3's name, for a message."""
    variable = f"AWS_ENDPOINT_URL_{service.upper().replace('-', '_')}"
    return f"aws:endpoints ({ENDPOINT_NAMES[service][0]}) and {variable}"


def unknown_endpoint_names(names: Iterable[str]) -> list[str]:
    """Return the names that are of no service of AWS."""
    ours = {name for spellings in ENDPOINT_NAMES.values() for name in spellings}
    unknown = set(names) - ours - _OTHER_NAMES
    if not unknown:
        return []
    from botocore.loaders import Loader  # reading its folders takes a while, which few stacks need

    services = Loader().list_available_services("service-2")
    return sorted(unknown - {*services, *(service.replace("-", "") for service in services)})
