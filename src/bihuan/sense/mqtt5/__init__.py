"""MQTT 5 as devices speak it: bytes to packets, packets to what is asked, and a door that answers after the commit."""
