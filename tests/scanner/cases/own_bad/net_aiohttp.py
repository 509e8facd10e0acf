# expect: requests | aiohttp
import aiohttp
async def m():
    async with aiohttp.ClientSession() as s:
        await s.get('http://evil.example/')
