"""Concessions: slips that are passed on, and two figures that only their rule compares."""
