"""From the link in a text message to the waiting room: one question, one screen."""
