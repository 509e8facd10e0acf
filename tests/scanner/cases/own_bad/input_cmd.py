# expect: input | cmd loop
import cmd
class C(cmd.Cmd): pass
C().cmdloop()
