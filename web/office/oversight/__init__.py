"""Pages of those who watch, and of what needs two."""
