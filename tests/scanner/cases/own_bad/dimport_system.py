# expect: os-system | attribute of an import
__import__('os').system('true')
