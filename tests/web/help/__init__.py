"""The manual: chapters, places and keys."""
