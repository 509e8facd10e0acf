# expect: exec | linecache
import types
types.FunctionType(compile("1","","exec"),{})()
