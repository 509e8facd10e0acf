# expect: exec | codeop
import code
code.interact()
