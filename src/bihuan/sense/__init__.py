"""sense: device protocols -> observations -> state and history -> signals. Begun: the decoders of national protocols."""
