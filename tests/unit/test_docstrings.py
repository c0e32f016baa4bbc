"""What an editor shows of the public names: each class, function, argument, field and output has a docstring."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Callable, Iterator
from enum import Enum
from pathlib import Path
from typing import Any

import pulumi_sagemaker_geospatial as package
import pytest
from pulumi_sagemaker_geospatial import testing

PROGRAM = (Path(__file__).resolve().parents[1] / "types" / "program.py").read_text()
RESOURCES = (package.ExportEarthObservationJob, package.ExportVectorEnrichmentJob)
PUBLIC = {name: getattr(package, name) for name in package.__all__}
CLASSES = {name: each for name, each in PUBLIC.items() if inspect.isclass(each) and name == each.__name__}
FUNCTIONS = {name: each for name, each in PUBLIC.items() if inspect.isfunction(each)}


def documented_parameters(function: Callable[..., Any]) -> set[str]:
    return set(re.findall(r"^:param (\w+): \S", inspect.getdoc(function) or "", re.MULTILINE))


def parameters(function: Callable[..., Any]) -> list[str]:
    return [name for name in inspect.signature(function).parameters if name not in ("self", "cls")]


def constructors() -> dict[str, tuple[type, Callable[..., Any]]]:
    """Return the classes with a constructor of their own that a program calls."""
    return {
        name: (each, vars(each)["__init__"])
        for name, each in CLASSES.items()
        if inspect.isfunction(vars(each).get("__init__")) and not issubclass(each, Exception)
        if "__dataclass_fields__" not in vars(each)
    }


def fields(cls: type) -> Iterator[tuple[str, str | None]]:
    """Yield the annotated fields of a class, each with the docstring below it."""
    [node] = ast.parse(textwrap.dedent(inspect.getsource(cls))).body
    assert isinstance(node, ast.ClassDef)
    for statement, following in zip(node.body, [*node.body[1:], None], strict=True):
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            is_text = isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant)
            yield statement.target.id, ast.unparse(following) if is_text and following else None


@pytest.mark.parametrize("resource", RESOURCES, ids=lambda each: each.__name__)
def test_a_resource_explains_itself_with_an_example(resource: type) -> None:
    text = inspect.getdoc(resource) or ""
    assert len(text) >= 300
    [example] = re.findall(r"^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    assert f"{resource.__name__}(" in example
    compile(example, resource.__name__, "exec")


@pytest.mark.parametrize("resource", RESOURCES, ids=lambda each: each.__name__)
def test_an_optional_argument_of_a_resource_says_its_default(resource: type) -> None:
    lines = re.split(r"^:param ", inspect.getdoc(vars(resource)["__init__"]) or "", flags=re.MULTILINE)[1:]
    optional = {name for name, each in inspect.signature(resource).parameters.items() if each.default is None}
    without = {line.partition(":")[0] for line in lines if not re.search(r"\b[Dd]efault\b", line)}
    assert optional & without == set()


@pytest.mark.parametrize("name", FUNCTIONS)
def test_each_parameter_of_a_function_is_documented(name: str) -> None:
    function = FUNCTIONS[name]
    assert documented_parameters(function) == set(parameters(function))
    assert re.search(r"^:returns: ", inspect.getdoc(function) or "", re.MULTILINE)


@pytest.mark.parametrize("name", constructors())
def test_each_argument_of_a_constructor_is_documented(name: str) -> None:
    cls, init = constructors()[name]
    documented = documented_parameters(init) | {each for each, value in vars(cls).items() if inspect.getdoc(value)}
    assert [each for each in parameters(init) if each not in documented] == []


@pytest.mark.parametrize("name", CLASSES)
def test_each_field_of_a_class_is_documented(name: str) -> None:
    if not issubclass(CLASSES[name], (Exception, *RESOURCES)):
        assert [field for field, text in fields(CLASSES[name]) if not text] == []


@pytest.mark.parametrize("resource", RESOURCES, ids=lambda each: each.__name__)
def test_each_output_of_a_resource_is_documented(resource: type) -> None:
    outputs = [name for name, value in inspect.getmembers(resource) if isinstance(value, property)]
    own = [name for name in outputs if name not in ("urn", "id", "pulumi_resource_name", "pulumi_resource_type")]
    assert len(own) > 15
    assert [name for name in own if not inspect.getdoc(getattr(resource, name))] == []
    assert documented_parameters(vars(package.ExportEarthObservationJob.__bases__[0])["get"].__func__) == {
        "resource_name",
        "id",
        "opts",
    }


@pytest.mark.parametrize("resource", RESOURCES, ids=lambda each: each.__name__)
def test_the_program_for_type_checkers_uses_every_argument_and_output(resource: type) -> None:
    calls = [node for node in ast.walk(ast.parse(PROGRAM)) if isinstance(node, ast.Call)]
    used = {keyword.arg for call in calls for keyword in call.keywords if ast.unparse(call.func) == resource.__name__}
    assert set(parameters(resource)) - {"resource_name"} <= used
    read = {node.attr for node in ast.walk(ast.parse(PROGRAM)) if isinstance(node, ast.Attribute)}
    outputs = {
        name for base in resource.__mro__[:2] for name, value in vars(base).items() if isinstance(value, property)
    }
    assert outputs <= read


def test_the_program_for_type_checkers_uses_every_class_and_function_but_the_errors() -> None:
    names = {
        name for name, each in PUBLIC.items() if not (inspect.isclass(each) and issubclass(each, Exception | Enum))
    }
    assert names <= {node.id for node in ast.walk(ast.parse(PROGRAM)) if isinstance(node, ast.Name)}


def test_the_component_explains_itself_and_each_argument() -> None:
    from pulumi_sagemaker_geospatial.component import EarthObservationExport

    text = inspect.getdoc(EarthObservationExport) or ""
    assert len(text) >= 300
    assert "```python\nfrom pulumi_sagemaker_geospatial.component import EarthObservationExport\n" in text
    init = vars(EarthObservationExport)["__init__"]
    assert documented_parameters(init) == set(parameters(init))
    assert [field for field, text in fields(EarthObservationExport) if not text] == []


@pytest.mark.parametrize("name", testing.__all__)
def test_each_class_and_method_of_the_testing_kit_is_documented(name: str) -> None:
    value = getattr(testing, name)
    members = {each: member for each, member in vars(value).items() if not each.startswith("_")}
    methods = [each for each, member in members.items() if inspect.isfunction(member) or isinstance(member, property)]
    assert inspect.getdoc(value)
    assert [each for each in methods if not inspect.getdoc(members[each])] == []
