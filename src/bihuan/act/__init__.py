"""act: every loop of the city a case with an owner, a clock, evidence and a closing. Begun: the clocks."""
