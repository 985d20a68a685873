"""Looking back at mediations on behalf of the bureau: who is drawn by which rule, what was found,
and what became of it.

Pure. Owns the streams `sampling/<office>` (the rule), `plan/<office>/<period>` (the draw) and `review/<session>`.
"""
