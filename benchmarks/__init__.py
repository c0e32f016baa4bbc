"""Benchmarks of the provider on a real engine; `make bench` runs them."""
