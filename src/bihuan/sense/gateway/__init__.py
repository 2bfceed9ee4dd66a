"""Doors for devices: connections in, frames kept in group commits, and only then acknowledged."""
