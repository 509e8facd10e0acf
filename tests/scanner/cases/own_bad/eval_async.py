# expect: eval | in a coroutine
import asyncio
async def go():
    await asyncio.to_thread(eval, '1')
asyncio.run(go())
