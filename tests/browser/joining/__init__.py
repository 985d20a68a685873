"""The way in, from the link to the room."""
