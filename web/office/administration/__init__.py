"""What administrators set up: offices, holidays, areas, maps, other systems."""
