"""Benchmarks of what is done for one person: by a browser, by an engine, in a long session."""
