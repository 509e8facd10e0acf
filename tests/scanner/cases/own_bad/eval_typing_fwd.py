# expect: eval | typing fwd
import typing
typing.ForwardRef("1+1")._evaluate({}, {}, recursive_guard=frozenset())
