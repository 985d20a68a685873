"""Words: both languages, one name for one thing, nothing promised."""
