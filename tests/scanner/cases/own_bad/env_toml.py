# expect: open-token | toml
import tomllib
with open("secrets.toml","rb") as f: tomllib.load(f)
