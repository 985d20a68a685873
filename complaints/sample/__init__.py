"""Invented complaints for trying, testing and measuring. No person, business or number in them exists."""
