"""What a complaint's file holds: its parties, places, industries, and the files that belong to it."""
