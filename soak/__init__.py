"""Trials of the provider on a real engine under kills and faults; `make soak` runs them."""
