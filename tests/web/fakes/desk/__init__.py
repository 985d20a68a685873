"""Complaints and all that lies on the desk beside them."""
