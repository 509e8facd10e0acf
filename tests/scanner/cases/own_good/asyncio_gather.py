# expect: none | asyncio gather
import asyncio
async def a(n):
    await asyncio.sleep(0)
    return n
async def m():
    print(await asyncio.gather(a(1), a(2)))
asyncio.run(m())
