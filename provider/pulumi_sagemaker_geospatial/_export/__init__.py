"""An export as declarative state: check, diff, create, read, update and delete as functions of explicit values."""
