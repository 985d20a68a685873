"""What rooms ask of the media engine."""
