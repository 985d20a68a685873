"""The rehearsal itself: that it plays the story, and that it fails when the story does not hold."""
