"""Pages on finding typical cases, on a sample, and on the year's book; and the cockpit's suggestions."""
