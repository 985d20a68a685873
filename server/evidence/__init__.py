"""What proves a record: the signed log and who attests it, evidence packages, and checking either."""
