# expect: none | match commands
def handle(message):
    match message:
        case {"type": "open", "name": str(name)}:
            return f"opening {name}"
        case ["exec", arg]:
            return arg
        case str() as text if text.startswith("eval"):
            return "no"
        case _:
            return None
print(handle({"type": "open", "name": "door"}), handle(["exec", 1]))
