"""When mediations can be held: hours, absences, holidays and what is booked."""
