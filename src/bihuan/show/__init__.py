"""show: the cockpit (server-rendered pages) and the open APIs."""
