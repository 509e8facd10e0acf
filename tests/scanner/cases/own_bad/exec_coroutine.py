# expect: exec | coroutine
async def c(): pass
c().cr_frame.f_builtins["exec"]("1")
