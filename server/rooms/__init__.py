"""Media beside the pages: the worker process, a session as one video, copies of it."""
