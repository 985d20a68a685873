"""The casebook on real databases and the real application."""
