# expect: requests | httpx async
import httpx
async def f():
    async with httpx.AsyncClient() as c: await c.get("http://evil.example")
