# expect: open-env | pathlib read bytes
import pathlib
pathlib.Path(".").resolve().joinpath("a", ".env").read_bytes()
