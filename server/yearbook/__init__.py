"""The year's book of cases, printed: a PDF for A4 and for a phone, an EPUB, and what a page shows."""
