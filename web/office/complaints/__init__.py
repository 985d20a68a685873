"""Complaints at the desk: from registering to closing the file."""
