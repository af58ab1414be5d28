"""Networks and experiments that are too long for a cell: translation, deep nets, the map of validation losses."""
