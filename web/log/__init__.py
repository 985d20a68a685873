"""The log's public pages: what an auditor writes down or compares with. Open to everybody: they name nobody."""
