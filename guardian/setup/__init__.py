"""Setting Guardian up: looking around, writing the first configuration, switching the healing on and off."""
