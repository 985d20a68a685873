"""Sessions' pages."""
