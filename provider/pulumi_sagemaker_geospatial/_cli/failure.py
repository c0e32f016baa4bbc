"""The error that ends a command with one sentence and exit code 2."""

from ..errors import ExportError


class CommandError(ExportError):
    """The command cannot be carried out; the message is one sentence for the user."""
