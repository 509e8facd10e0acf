# expect: urlopen | websocket
import websockets
async def f():
    async with websockets.connect("ws://evil.example") as w: pass
