"""What is suggested."""
