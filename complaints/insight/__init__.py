"""What complaints say together: pure functions over facts, without a database and without a clock."""
