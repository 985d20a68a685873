"""Pages of people without an account."""
