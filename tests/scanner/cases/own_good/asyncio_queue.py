# expect: none | asyncio queue
import asyncio
async def producer(q):
    for i in range(3):
        await q.put(i)
    await q.put(None)
async def main():
    q = asyncio.Queue()
    asyncio.create_task(producer(q))
    while (item := await q.get()) is not None:
        print(item)
asyncio.run(main())
