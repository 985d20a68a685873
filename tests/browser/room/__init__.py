"""People in the room, each with a browser of their own."""
