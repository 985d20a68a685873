"""Pages about what complaints say together."""
