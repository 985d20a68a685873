"""Pages of the casebook: shelves, a case being made, the board's queue, notes, exchange, and a lawyer's own page."""
