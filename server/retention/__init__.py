"""The years that records and files are kept: which rule is in force, who changed it, what a change would make due."""
