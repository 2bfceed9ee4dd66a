"""sense: device protocols -> observations -> state and history -> signals. Begun: two national protocols."""
