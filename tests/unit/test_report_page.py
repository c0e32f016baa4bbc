"""The page of a report: contrast, the map, and in a browser the sorting and the filter."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path

import pytest
from pulumi_sagemaker_geospatial._report.page import draw_map, render_page
from pulumi_sagemaker_geospatial._report.report import Report, ReportedObject, ReportRow

from tests.support.aws_names import job_arn

TIME = datetime(2026, 1, 1, tzinfo=timezone.utc)
SQUARE = ((((-115.0, 36.0), (-114.0, 36.0), (-114.0, 37.0), (-115.0, 37.0), (-115.0, 36.0)),),)
BROWSER = shutil.which("chromium") or shutil.which("google-chrome")
#: Clicks the header of the objects twice, filters, and leaves the rows that are shown in the document.
USE = """<script>
const header = [...document.querySelectorAll("thead button")].find((each) => each.textContent === "Objects");
header.click(); header.click();
const shown = () => [...document.querySelectorAll("tbody tr")].filter((row) => !row.hidden).map((row) => row.cells[0].firstChild.data.trim());
const sorted = shown().join(" ");
const input = document.getElementById("text"); input.value = "LAKE-2"; input.dispatchEvent(new Event("input"));
const width = document.documentElement.scrollWidth <= innerWidth;
document.body.dataset.result = [sorted, shown().join(" "), document.getElementById("shown").textContent, width].join("|");
</script>"""


def a_row(number: int, objects: int) -> ReportRow:
    """Return the row of a whole export."""
    own = tuple(ReportedObject(f"archive/{each}.tif", 1000, "etag", TIME) for each in range(objects))
    arn = job_arn(f"lake0000000{number}")
    return ReportRow(
        arn, "Earth observation job", f"lake-{number}", "COMPLETED", "", f"lake-{number}", "SUCCEEDED",
        f"s3://bucket/archive/lake0000000{number}/", TIME, 100 * number, own, footprint=SQUARE,
    )  # fmt: skip


REPORT = Report("prod", "123456789012", TIME, (a_row(1, 9), a_row(2, 10), a_row(3, 2)))


def luminance(color: str) -> float:
    """Return the relative luminance that WCAG 2 defines."""
    channels = [int(color[index : index + 2], 16) / 255 for index in (1, 3, 5)]
    red, green, blue = (each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_has_the_contrast_of_wcag_aa(theme: str) -> None:
    blocks = re.findall(r":root \{ (?:color-scheme: light dark; )?(--text.*?) \}", render_page(REPORT), re.DOTALL)
    colors = dict(re.findall(r"--(\w+): (#\w{6})", blocks[0 if theme == "light" else 1]))
    for text in ("text", "quiet", "good", "bad", "link"):
        for background in ("back", "panel"):
            one, other = sorted((luminance(colors[text]), luminance(colors[background])))
            assert (other + 0.05) / (one + 0.05) >= 4.5, f"{text} on {background}"


def test_the_page_has_headings_and_table_headers_and_needs_no_network() -> None:
    page = render_page(REPORT)
    assert re.findall(r"<h(\d)", page) == ["1", "2", "2", "2"]
    assert page.count('<th scope="col"') == 9
    assert page.count('<th scope="row"') == 3
    assert not re.search(r"(src|href)=\"(?!data:)|url\(|@import|https?:", page)


def test_a_report_without_areas_has_no_map() -> None:
    assert draw_map([replace(a_row(1, 1), footprint=())]) is None


def test_the_map_shows_places_inside_its_frame() -> None:
    drawn = draw_map(REPORT.rows)
    assert drawn is not None
    numbers = [float(each) for each in re.findall(r"[\d.]+", drawn.shapes[0].path)]
    assert all(0 <= x <= 800 for x in numbers[::2])
    assert all(0 <= y <= 400 for y in numbers[1::2])
    assert {"115°W", "36°N"} <= {line.label for line in drawn.grid}


@pytest.mark.skipif(BROWSER is None, reason="no chromium or google-chrome on PATH: apt-get install chromium")
@pytest.mark.parametrize("width", [1280, 500])
def test_in_a_browser_the_table_sorts_and_filters_and_the_page_fits(width: int, tmp_path: Path) -> None:
    page = tmp_path / "index.html"
    page.write_text(render_page(REPORT).replace("</body>", f"{USE}</body>"))
    command = [str(BROWSER), "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}"]
    done = subprocess.run(
        [*command, f"--window-size={width},900", "--dump-dom", page.as_uri()],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    result = re.search(r'data-result="([^"]*)"', done.stdout)
    assert result is not None, done.stderr
    assert result[1] == "lake-2 lake-1 lake-3|lake-2|1 of 3 rows|true"
