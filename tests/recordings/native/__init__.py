"""What is written in C."""
