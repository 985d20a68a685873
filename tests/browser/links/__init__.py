"""Pages behind a personal link, on a phone."""
