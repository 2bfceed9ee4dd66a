"""Checks of a network, a file a subject; each yields faults and warnings, and none stops at the first."""
