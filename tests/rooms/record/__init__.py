"""Minutes, notes, and how long a record is kept."""
