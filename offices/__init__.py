"""The office: its people, what each may do, other systems that speak to it, and how it is watched."""
