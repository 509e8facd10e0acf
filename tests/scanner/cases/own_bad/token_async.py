# expect: open-token | async
import aiofiles
async def f():
    async with aiofiles.open("api_token.txt") as g:
        await g.read()
