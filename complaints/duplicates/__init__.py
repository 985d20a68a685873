"""Whether two complaints are the same dispute, told twice: keys to look others up by, signals, a score. Pure."""
