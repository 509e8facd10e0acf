# expect: none | async gather
import asyncio
async def work(n):
    await asyncio.sleep(0.01)
    return n * n
async def main():
    print(await asyncio.gather(*(work(n) for n in range(5))))
    print(await asyncio.to_thread(sum, [1, 2]))
asyncio.run(main())
