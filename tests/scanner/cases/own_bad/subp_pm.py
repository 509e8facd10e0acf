# expect: subprocess | pm
import asyncio.subprocess as a
a.create_subprocess_shell("x")
