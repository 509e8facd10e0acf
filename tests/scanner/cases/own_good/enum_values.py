# expect: none | enum values
import enum
class Color(enum.Enum):
    RED = 1
    system = 2
print(Color.system.value, Color["RED"], Color(1).name)
