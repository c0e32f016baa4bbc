"""A check of a stack's config file before Pulumi creates the stack, which adds the encryption salt to the file.

It runs in the virtual environment, which has a YAML parser: `python -m devtools.stack_file STACK`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

import stack_config
from devtools import paths

#: Keys whose values may contain angle brackets.
FREE_TEXT = ("triggers", "aws:defaultTags")


def list_problems(file: Path) -> list[str]:
    """Return a sentence for each placeholder in a config file, or for its syntax error."""
    try:
        content = yaml.load(file.read_text(), Loader=yaml.BaseLoader)
    except yaml.YAMLError as error:
        return [f"{file.name} is not valid YAML: {' '.join(str(error).split())}"]
    config = content.get("config") if isinstance(content, dict) else None
    return [
        f"{file.name}, {path} contains the placeholder {found[0]}: replace it with a value"
        for path, text in _strings("", config)
        if (found := stack_config.PLACEHOLDER.search(text))
    ]


def _strings(path: str, value: Any) -> Iterator[tuple[str, str]]:
    """Yield each string with its path, in the form of `pulumi config set --path`."""
    if isinstance(value, dict):
        for key, each in value.items():
            if key not in FREE_TEXT:
                yield from _strings(f"{path}.{key}" if path else key, each)
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from _strings(f"{path}[{index}]", each)
    elif isinstance(value, str):
        yield path, value


if __name__ == "__main__":
    problems = list_problems(paths.CHECKOUT / f"Pulumi.{sys.argv[1]}.yaml")
    sys.exit("\n".join(problems) or None)
