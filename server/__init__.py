"""Composition root: settings, wiring, identity, storage, jobs, command line."""
