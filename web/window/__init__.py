"""The public window from a phone: one form, one code, one page that says how things stand. Works without script."""
