"""Leads, reports among them, and consultations: what pages ask, the files behind the wall, the register."""
