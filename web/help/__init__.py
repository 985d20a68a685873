"""The user manual, the place of it that belongs to each page, and the keys that pages listen to."""
