"""The errors that end a command with a message for the user."""

from __future__ import annotations


class StepFailed(Exception):
    """A step of a command failed; the message says why and what to do or install."""


class BadArgument(Exception):
    """An argument cannot be used; nothing was started, created or changed."""
