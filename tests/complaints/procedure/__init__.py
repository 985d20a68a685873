"""The procedure: its transitions, promises and aftercare."""
