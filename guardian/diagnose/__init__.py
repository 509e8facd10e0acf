"""From symptom to a likely cause and what may help. Pure: reads nothing, changes nothing."""
