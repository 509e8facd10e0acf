# expect: importlib | dimport_spec
__spec__.loader.load_module("os")
