"""The agreement: its draft, its outcome, its wording."""
