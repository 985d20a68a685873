"""Files of cases and their keys."""
