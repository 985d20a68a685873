"""Pages of supervision: this period's plan and how it was drawn, reviews, one's own practice, the quarter's report."""
