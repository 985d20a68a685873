"""Reports and leads."""
