"""The database: engine, schema, migrations, journal, projections. Other SQL is in the stores of the features only."""
