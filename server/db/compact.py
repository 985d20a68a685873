"""JSON as the tables' columns have it. Loads nothing: processes that make rows need no library of databases."""

from __future__ import annotations

import json

compact = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode  # a Chinese character is 3 bytes, not 6
