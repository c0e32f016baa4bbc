"""The files of vector enrichment jobs: GeoJSON by the rules of RFC 7946, JSON and CSV."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import moto_sagemaker_geospatial as geospatial
import pytest

from tests.emulator.emulator_harness import Account

FOLDER = "prefix/abcdefghijkl/"
ADDRESS = ("address_number", "country", "label", "municipality", "neighborhood", "postal_code", "region", "status")


def export(account: Account, **job: Any) -> dict[str, dict[str, Any]]:
    """The objects of an export, by name: content and media type."""
    arn = geospatial.add_job("abcdefghijkl", **job)
    account.export(arn)
    assert account.export_status(arn) == "SUCCEEDED"
    objects = {key: account.s3.get_object(Bucket=account.bucket, Key=key) for key in account.list_keys()}
    return {
        key.removeprefix(FOLDER): {"text": found["Body"].read().decode(), "type": found["ContentType"]}
        for key, found in objects.items()
    }


def is_position(value: Any) -> bool:
    """Whether it is a longitude and a latitude (RFC 7946, 3.1.1 and 4)."""
    longitude, latitude = value
    return (
        isinstance(longitude, float) and isinstance(latitude, float) and abs(longitude) <= 180 and abs(latitude) <= 90
    )


def check_feature_collection(text: str, geometry: str) -> list[dict[str, Any]]:
    """The features of a GeoJSON text, which is checked by the rules of RFC 7946, 3.1 to 3.3 and 7."""
    collection = json.loads(text)
    assert collection["type"] == "FeatureCollection"
    assert "crs" not in collection  # RFC 7946, 4: it is always WGS 84
    features: list[dict[str, Any]] = collection["features"]
    assert features
    for feature in features:
        assert feature["type"] == "Feature"
        assert not {"coordinates", "geometries", "features"} & set(feature)
        assert isinstance(feature["properties"], dict)
        assert set(feature["geometry"]) == {"type", "coordinates"}
        assert feature["geometry"]["type"] == geometry
        coordinates = feature["geometry"]["coordinates"]
        positions = [coordinates] if geometry == "Point" else coordinates
        assert len(positions) >= (1 if geometry == "Point" else 2)
        assert all(is_position(position) for position in positions)
    return features


def test_map_matching_writes_geojson_whose_links_join_the_waypoints(account: Account) -> None:
    files = export(account, job_type="MAP_MATCHING")
    assert {name: file["type"] for name, file in files.items()} == {
        "output/links.geojson": "application/geo+json",
        "output/mapmatch_output.json": "application/json",
        "output/waypoints.geojson": "application/geo+json",
    }
    links = check_feature_collection(files["output/links.geojson"]["text"], "LineString")
    waypoints = check_feature_collection(files["output/waypoints.geojson"]["text"], "Point")
    ends = {tuple(position) for link in links for position in link["geometry"]["coordinates"]}
    assert ends == {tuple(waypoint["geometry"]["coordinates"]) for waypoint in waypoints}
    drives = json.loads(files["output/mapmatch_output.json"]["text"])["drives"]
    assert [drive["driveId"] for drive in drives] == ["1", "2"]
    assert [link for drive in drives for link in drive["links"]] == links
    assert [waypoint for drive in drives for waypoint in drive["waypoints"]] == waypoints


def test_reverse_geocoding_writes_one_csv_file_with_the_columns_of_its_input(account: Account) -> None:
    files = export(account, job_type="REVERSE_GEOCODING")
    assert {name: file["type"] for name, file in files.items()} == {"output/results_0.csv": "text/csv"}
    header, *rows = csv.reader(io.StringIO(files["output/results_0.csv"]["text"]), strict=True)
    assert header == ["longitude", "latitude", *(f"reverse_geo.{name}" for name in ADDRESS)]
    assert rows
    assert {len(row) for row in rows} == {len(header)}
    assert all(is_position([float(row[0]), float(row[1])]) for row in rows)
    labels = [row[header.index("reverse_geo.label")] for row in rows]
    assert any('"' in label and "," in label for label in labels)


def test_the_columns_have_the_names_of_the_configuration_of_the_job(account: Account) -> None:
    started = account.client.start_vector_enrichment_job(
        Name="addresses",
        ExecutionRoleArn=account.role,
        InputConfig={"DataSourceConfig": {"S3Data": {"S3Uri": "s3://tables/x.csv"}}, "DocumentType": "CSV"},
        JobConfig={"ReverseGeocodingConfig": {"XAttributeName": "x, east", "YAttributeName": "y"}},
    )
    account.get(started["Arn"])
    account.export(started["Arn"])
    [key] = account.list_keys()
    text = account.s3.get_object(Bucket=account.bucket, Key=key)["Body"].read().decode()
    assert next(csv.reader(io.StringIO(text)))[:2] == ["x, east", "y"]


def test_a_job_always_writes_the_same_bytes_and_another_job_writes_others(account: Account) -> None:
    first, second = export(account, job_type="MAP_MATCHING"), export(account, job_type="MAP_MATCHING")
    assert first == second
    other = geospatial.add_job("mnopqrstuvwx", job_type="MAP_MATCHING")
    account.export(other, uri="s3://results/other")
    key = "other/mnopqrstuvwx/output/links.geojson"
    text = account.s3.get_object(Bucket=account.bucket, Key=key)["Body"].read().decode()
    assert text != first["output/links.geojson"]["text"]


@pytest.mark.parametrize(("folder", "name"), [("", "links.geojson"), ("result/", "result/links.geojson")])
def test_the_folder_of_the_files_is_a_setting(account: Account, folder: str, name: str) -> None:
    geospatial.get_control().configure(vector_folder=folder)
    assert list(export(account, job_type="MAP_MATCHING", objects=1)) == [name]
    with pytest.raises(ValueError, match="vector_folder 'result' is neither empty nor ends with a slash"):
        geospatial.get_control().configure(vector_folder="result")
