# expect: open-env | env_listdir
import pathlib
next(pathlib.Path(".").glob(".env*")).read_text()
