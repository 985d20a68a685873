"""The way into the room and out of it: seats, links, consents, the waiting room, guardians, supervisors who look on."""
