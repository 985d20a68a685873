"""Those who watch are watched: what needs a second person, and who did what."""
