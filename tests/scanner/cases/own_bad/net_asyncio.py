# expect: urlopen | open_connection
import asyncio
async def m():
    await asyncio.open_connection('evil.example', 80)
asyncio.run(m())
