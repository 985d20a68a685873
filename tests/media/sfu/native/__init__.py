"""What comes in through C, and what it gives a recorder."""
