# expect: input | rich Prompt
from rich.prompt import Prompt
Prompt.ask('x')
