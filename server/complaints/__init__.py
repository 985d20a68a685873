"""Complaints as the office's pages ask for them: lists, procedure, notices, files, duplicates; their stores."""
