"""The complaint: its record, its lifecycle and its clocks. Pure but for the service, which writes the journal."""
