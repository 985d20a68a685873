"""Rooms that run."""
