"""A business answers in writing, from its phone."""
