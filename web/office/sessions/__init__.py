"""Sessions of mediation: their pages, arranging one, one without a room."""
