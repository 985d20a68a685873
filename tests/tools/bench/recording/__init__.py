"""Benchmarks of the recorder."""
