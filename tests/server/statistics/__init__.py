"""Figures in SQL."""
