"""Who speaks, and what the mediator shows."""
