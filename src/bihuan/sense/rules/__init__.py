"""Rules over entities' state: expressions in CEL, looked at once an event in effect, tried on history before."""
