"""What one person in a session may know, and what they are told."""
