# expect: none | ordinary code
import asyncio
async def run(): await asyncio.sleep(0)
async def main(): await asyncio.wait_for(run(),1)
asyncio.run(main())
