"""The pages in docs/: what they name exists, their commands are run by a test, and the site has all of them."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pulumi_sagemaker_geospatial as package
import pytest
import yaml
from pulumi_sagemaker_geospatial import __main__ as command_line
from pulumi_sagemaker_geospatial._cli.app import commands
from pulumi_sagemaker_geospatial._runtime.aws_config import SUPPORTED_KEYS, UNSUPPORTED_KEYS
from pulumi_sagemaker_geospatial._runtime.settings import SETTINGS

from tests.harness import CHECKOUT
from tests.root_project.shell import shell_commands

DOCS = CHECKOUT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
README = (CHECKOUT / "README.md").read_text()
SITE = yaml.safe_load((CHECKOUT / "mkdocs.yml").read_text())
SCENARIO_TESTS = "\n".join(
    path.read_text()
    for folder in ("pulumi", "emulated")
    for path in sorted((CHECKOUT / "tests" / folder).glob("test_*.py"))
)
TABLE = (DOCS / "what-happens.md").read_text().partition("\n## ")[0]
SCENARIOS = [line for line in TABLE.splitlines() if line.startswith("| ")][2:]

#: Pages whose commands a test runs, one after the other.
RUN = [
    CHECKOUT / "README.md",
    DOCS / "tutorial.md",
    DOCS / "your-own-backend.md",
    *CHECKOUT.glob("examples/*/README.md"),
]
#: Commands of other pages, and the test that runs the same with other values.
RUN_ELSEWHERE = {
    "pulumi config set --secret destination s3://eoj-exports-demo/hidden/": "tests/root_project/test_root_project.py",
    "pulumi config set --secret aws:secretKey KEY": "tests/pulumi/test_commands.py",
    "pulumi config set aws:profile geospatial": "tests/emulated/test_aws_session.py",
    "pulumi config set --path 'aws:allowedAccountIds[0]' 123456789012": "tests/pulumi/test_config.py",
    "pulumi stack export --file before.json": "tests/pulumi/test_lifecycle.py",
    **{
        f"curl --silent --header 'Content-Type: text/plain' --data {calls} http://127.0.0.1:5577/moto-api/reset-auth": (
            "tests/emulator/test_emulator_authorization.py"
        )
        for calls in ("inf", "0")
    },
}


def page_id(page: Path) -> str:
    return page.relative_to(CHECKOUT).as_posix()


def code_blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}(?: title=[^\n]*)?\n(.*?)^```", page.read_text(), re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("row", SCENARIOS, ids=lambda row: row.split("|")[1].strip())
def test_each_scenario_names_a_test_on_the_engine_or_the_emulated_services(row: str) -> None:
    *cells, name = (cell.strip() for cell in row.strip("|").split("|"))
    assert len(cells) == 4
    assert re.search(rf"^def {name.strip('`')}\(", SCENARIO_TESTS, re.MULTILINE)


ROOT_PAGES = [
    CHECKOUT / f"{name}.md" for name in ("SECURITY", "CONTRIBUTING", "CODE_OF_CONDUCT", "CHANGELOG", "emulator/README")
]


@pytest.mark.parametrize("page", [*ROOT_PAGES, *PAGES], ids=page_id)
def test_each_link_points_to_an_existing_file(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text()):
        assert target.startswith("http") or (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_each_page_begins_with_what_the_reader_gets(page: Path) -> None:
    text = re.sub(r"\A---\n.*?\n---\n+", "", page.read_text(), flags=re.DOTALL)
    assert re.match(r"(# .+\n\n)?[A-Z`][^\n]{20}", text)


def test_each_command_is_run_by_a_test() -> None:
    run = {command for page in RUN for command, _ in shell_commands(page.read_text())}
    others = [each for page in PAGES for each, _ in shell_commands(page.read_text()) if not each.startswith("cat >")]
    assert [command for command in others if command not in run and command not in RUN_ELSEWHERE] == []
    assert [test for test in RUN_ELSEWHERE.values() if not (CHECKOUT / test).is_file()] == []


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_each_program_and_config_is_valid(page: Path) -> None:
    for program in code_blocks(page, "python"):
        for statement in ast.walk(ast.parse(program)):
            if isinstance(statement, ast.ImportFrom) and statement.module == package.__name__:
                assert [each.name for each in statement.names if each.name not in package.__all__] == []
    for text in code_blocks(page, "yaml"):
        assert yaml.safe_load(text)


def test_the_site_lists_each_page() -> None:
    listed = set(re.findall(r"'([^']+\.md)'", str(SITE["nav"])))
    pages = {page.relative_to(DOCS).as_posix() for page in PAGES} - {"_index.md"}  # which is the registry's
    assert pages - listed == set(), "add the page to nav in mkdocs.yml"


def test_a_page_of_the_site_loads_nothing_from_elsewhere() -> None:
    assert SITE["theme"]["font"] is False
    assert not [each for key in ("extra_css", "extra_javascript") for each in SITE.get(key, []) if "://" in each]
    assert not {"offline", "social", "privacy"} & {plugin for plugin in SITE["plugins"] if isinstance(plugin, str)}
    # With a custom fence, Material would load mermaid from elsewhere. Without one, the site shows a diagram's source.
    assert "pymdownx.superfences" in SITE["markdown_extensions"]


@pytest.mark.parametrize("name", ["_index.md", "installation-configuration.md"])
def test_a_page_for_pulumis_registry_has_its_front_matter(name: str) -> None:
    _, front_matter, _ = (DOCS / name).read_text().split("---\n", 2)
    fields = yaml.safe_load(front_matter)
    assert fields.keys() == {"title", "meta_desc", "layout"}
    assert fields["layout"] == "package"


def test_the_page_of_the_configuration_has_every_key() -> None:
    text = (DOCS / "installation-configuration.md").read_text()
    keys = [setting.key for setting in SETTINGS] + [f"aws:{key}" for key in (*SUPPORTED_KEYS, *UNSUPPORTED_KEYS)]
    variables = re.findall(r"`(PULUMI_GEOSPATIAL_\w+)", README)
    assert [key for key in (*keys, *variables) if f"`{key}" not in text] == []


def test_the_page_of_the_commands_has_every_option() -> None:
    text = (DOCS / "reference" / "commands.md").read_text()
    parser = command_line.CommandParser()
    command_line.add_policies_command(parser)
    options = {option for action in parser._actions for option in action.option_strings}
    options |= {option for each in commands.commands.values() for param in each.params for option in param.opts}
    assert {*commands.commands, "policies"} <= set(re.findall(r"^## (\S+)$", text, re.MULTILINE))
    assert [option for option in options - {"-h", "--help"} if f"`{option}" not in text] == []
