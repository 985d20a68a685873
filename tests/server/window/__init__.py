"""The public window, answers and questions by link."""
