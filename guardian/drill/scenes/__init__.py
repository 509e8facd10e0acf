"""The scenes of the drills: one file a scene, found by `discover("guardian.drill.scenes", "SCENE")`."""
