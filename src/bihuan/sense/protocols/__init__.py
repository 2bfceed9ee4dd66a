"""One module a device protocol. Each turns a byte stream into frames and says why it refuses one."""
