"""Benchmarks of speech that becomes text, and of text that becomes a record."""
