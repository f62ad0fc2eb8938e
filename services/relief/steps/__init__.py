"""The steps of a case (办理环节), each in the shape of an aggregate: commands, state, decide, evolve."""
