"""The database: engine, schema, journal, projections. SQL is here and in the stores of the features, nowhere else."""
