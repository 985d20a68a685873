"""What officers are alerted of, and pages that stay up to date by themselves."""
