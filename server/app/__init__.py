"""How the program is put together.

Parts are made in `core` and `parts`, handed to the pages by a module a topic (`topics`, `offices`) and put before the
network by `wiring`. Here are the pages of evidence packages, for whoever makes or retells one: the export's job,
`yuntiao verify`, a benchmark.
"""

from __future__ import annotations

from typing import Final

from recordings.evidence.package import PackagePages
from web.evidence import masked, record, watermark
from web.http.responses import verify_page

PACKAGE_PAGES: Final = PackagePages(record, masked, watermark, verify_page)
