"""Work that outlives a request: a durable queue (huey on SQLite), the process that works it off, its handlers.

`queue` is what the web process puts jobs into, `python -m server.serving.jobs` works them off, `handlers` says how. The
web process's side of composing recordings is `server.rooms.films`.
"""
