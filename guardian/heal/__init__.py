"""The remedies: one file a remedy, found by `discover("guardian.heal", "REMEDY")`."""
