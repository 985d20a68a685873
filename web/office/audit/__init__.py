"""The record of a session for those who check it: what happened in words, in a picture and in figures. Read-only."""
