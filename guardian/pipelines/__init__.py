"""The users' task stores: one module a kind, found by `discover("guardian.pipelines", "PIPELINE")`."""
