"""Evaluates IAM policies: actions, resources, conditions, and the principals of resource policies.

moto's own evaluation (moto.iam.access_control) has no conditions, no principals and no resource policies.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Statement = Mapping[str, Any]
#: The values of condition keys, such as `s3:prefix`.
Context = Mapping[str, str]

#: Operators of conditions; a statement with another one applies as if it had no condition, as in moto.
_OPERATORS: dict[str, Callable[[str, str], bool]] = {
    "StringEquals": lambda pattern, value: pattern == value,
    "StringLike": lambda pattern, value: _matches(pattern, value),
    "ArnEquals": lambda pattern, value: _matches(pattern, value),
    "ArnLike": lambda pattern, value: _matches(pattern, value),
}


@dataclass(frozen=True)
class ResourcePolicy:
    """The policy of a bucket or a key. `is_required`: without it, the owner's own IAM policies allow nothing (KMS)."""

    account_id: str
    statements: Sequence[Statement]
    is_required: bool = False


@dataclass(frozen=True)
class Principal:
    """Who calls: a user, or a session of a role. `names`: how the policy of a resource may name it."""

    arn: str
    account_id: str
    statements: Sequence[Statement]
    names: frozenset[str] = field(default_factory=frozenset)

    def refusal(
        self, action: str, resource: str, context: Context | None = None, policy: ResourcePolicy | None = None
    ) -> str | None:
        """Why the principal may not do it, as AWS words it; None where it may."""
        own = _effects(self.statements, action, resource, context)
        direct, delegated = set[str](), set[str]()
        if policy is not None:
            direct = _effects(_naming(policy.statements, self.names | {self.arn, "*"}), action, resource, context)
            delegated = _effects(_naming(policy.statements, self._account_names), action, resource, context)
        if "Deny" in own | direct | delegated:
            return self._message(action, resource, "with an explicit deny in a policy")
        same_account = policy is not None and policy.account_id == self.account_id
        is_required = policy is not None and (policy.is_required or not same_account)
        if is_required and "Allow" not in direct | delegated:
            return self._message(action, resource, f"because no resource-based policy allows the {action} action")
        if "Allow" in own or (same_account and "Allow" in direct):
            return None
        return self._message(action, resource, f"because no identity-based policy allows the {action} action")

    @property
    def _account_names(self) -> set[str]:
        partition = self.arn.split(":")[1]
        return {self.account_id, f"arn:{partition}:iam::{self.account_id}:root"}

    def _message(self, action: str, resource: str, why: str) -> str:
        return f"User: {self.arn} is not authorized to perform: {action} on resource: {resource} {why}"


def statements_of(document: Mapping[str, Any]) -> list[Statement]:
    """The statements of a policy."""
    return as_list(document.get("Statement", []))


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _effects(statements: Sequence[Statement], action: str, resource: str, context: Context | None) -> set[str]:
    """The effects of the statements that apply."""
    return {
        statement["Effect"]
        for statement in statements
        if _names(statement, "Action", action.lower(), str.lower)
        and _names(statement, "Resource", resource, str)
        and _meets_conditions(statement.get("Condition", {}), context or {})
    }


def _names(statement: Statement, element: str, value: str, normalize: Any) -> bool:
    excluded = f"Not{element}"
    if excluded in statement:
        return not any(_matches(normalize(pattern), value) for pattern in as_list(statement[excluded]))
    return any(_matches(normalize(pattern), value) for pattern in as_list(statement.get(element, "*")))


def _meets_conditions(conditions: Mapping[str, Mapping[str, Any]], context: Context) -> bool:
    return all(
        key in context and any(_OPERATORS[operator](pattern, context[key]) for pattern in as_list(patterns))
        for operator, keys in conditions.items()
        if operator in _OPERATORS
        for key, patterns in keys.items()
    )


def _naming(statements: Sequence[Statement], names: set[str] | frozenset[str]) -> list[Statement]:
    return [each for each in statements if names & set(_principals(each))]


def _principals(statement: Statement) -> Iterator[str]:
    principal = statement.get("Principal", {})
    for names in [principal] if isinstance(principal, str) else principal.values():
        yield from as_list(names)


def _matches(pattern: str, value: str) -> bool:
    """Whether a value is like a pattern, in which `*` is any text and `?` any character."""
    parts = re.split(r"([*?])", pattern)
    return re.fullmatch("".join({"*": ".*", "?": "."}.get(part, re.escape(part)) for part in parts), value) is not None
