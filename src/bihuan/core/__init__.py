"""The ground: quantities, periods, working days, text that knows its source, records and errors. No I/O."""
