"""Triage: what a complaint may be about, how urgent it is and whose it is, suggested with the words that led there.

Pure. A suggestion decides nothing: a person confirms or changes it (`complaints.triage.confirmation`).
"""
