"""Settings, the composition root (`app`), a folder a feature, the database (`db`), the command line (`cli`)."""
