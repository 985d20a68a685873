"""Several servers on one PostgreSQL database: who is there, and which of them has a room.

A node says every `leases.RENEW` seconds that it is there; what it owns is its own while it does. Whoever is asked for a
room takes it when nobody has it, and otherwise says who has. A node that could not say so in time stops by itself,
well before the database lets another take what it had. Time is the database's clock; how long its own lease lasts a
node measures from before it asked.
"""
