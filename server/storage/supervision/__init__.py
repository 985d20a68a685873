"""Supervision in SQL: what a draw looks at, plans, reviews, practice. All but drafts are projections."""
