"""Pages of a package."""
