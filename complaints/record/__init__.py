"""Changes of what is on file: corrections, complaints merged, and what a source changed since."""
