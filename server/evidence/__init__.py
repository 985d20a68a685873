"""Evidence packages in the product: gathering a record, the background export, the command line's verifier."""
