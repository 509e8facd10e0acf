# expect: subprocess | create_subprocess_shell
import asyncio
async def m():
    await asyncio.create_subprocess_shell('true')
asyncio.run(m())
