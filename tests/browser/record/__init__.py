"""Looking back: records, packages, their verification."""
