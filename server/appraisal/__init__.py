"""Appraising files whose years are over: a list, two persons, destruction, and the certificate of it."""
