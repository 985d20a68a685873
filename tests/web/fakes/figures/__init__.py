"""Statistics, hot spots, bulletins, supervision."""
