"""Coming in, and whoever comes along."""
