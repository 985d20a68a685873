"""The casebook and the law."""
