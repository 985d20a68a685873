"""The pages of the texts that are agreed to."""
