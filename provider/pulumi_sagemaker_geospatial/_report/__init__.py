"""What a stack's exports are worth now: observations, decisions on them, and the documents that show them. No calls."""
