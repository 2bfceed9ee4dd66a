"""The store: PostgreSQL (embedded or by URL), migrations, the hash-chained event log, one module a record family."""
