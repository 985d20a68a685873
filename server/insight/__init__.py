"""What complaints say together: the daily look for hot spots, warnings, bulletins, and profiles of businesses."""
