# expect: input | asyncio
import asyncio,sys
async def m():
    await asyncio.get_event_loop().run_in_executor(None, input)
asyncio.run(m())
