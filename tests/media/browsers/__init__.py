"""Real browsers in conversations through our engine."""
