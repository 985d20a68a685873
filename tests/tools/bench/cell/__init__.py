"""Benchmarks of several servers on one PostgreSQL database, and of a province's complaints on it."""
