"""Stores of finished files."""
