"""Lines from tracks."""
