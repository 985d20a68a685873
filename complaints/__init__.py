"""The complaint: its record, its lifecycle and its clocks. Pure."""
