"""Statistics for people: the figures of a period beside those before it, the complaints behind each, and a workbook."""
