# expect: os-popen | async
import asyncio,subprocess
async def m(): await asyncio.to_thread(subprocess.getoutput,"x")
asyncio.run(m())
