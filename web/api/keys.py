"""Idempotency keys: what one may look like."""

from __future__ import annotations

import re
from typing import Final

KEY: Final = re.compile(r"[\x21-\x7e]{8,128}")
