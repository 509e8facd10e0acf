# expect: os-system | awaited value
import asyncio, os
async def give():
    return os.system
async def main():
    (await give())("id")
asyncio.run(main())
