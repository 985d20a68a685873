"""What the parties are told and asked in writing, and what they answer."""
