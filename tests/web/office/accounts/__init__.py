"""Signing in, and who officers are."""
