"""A made-up city: seeded devices that speak the real protocols over real sockets. Everything it makes is synthetic."""
