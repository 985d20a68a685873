"""Pages of imports: batches, what was refused and why, mappings; and what each refusal is called."""
