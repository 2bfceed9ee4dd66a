"""The rooms: one module each, its addresses and what they show."""
