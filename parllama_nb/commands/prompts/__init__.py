"""prompts: finds, writes, imports and exports the prompts of the library."""
