# expect: open-env | asyncwith
import aiofiles
async def m():
    async with aiofiles.open(".env") as f: await f.read()
