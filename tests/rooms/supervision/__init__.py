"""Looking on, drawing, reviewing."""
