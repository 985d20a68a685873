"""Exhibits on their way into a session: uploads, what is made of them to be shown, and where they are kept."""
