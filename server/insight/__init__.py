"""The daily look for hot spots: reads complaints as numbers, has them examined, keeps the report and its findings."""
