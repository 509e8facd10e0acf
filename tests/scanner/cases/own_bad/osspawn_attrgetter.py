# expect: os-spawn | attrgetter
import os,operator
operator.attrgetter("spawnl")(os)(0,"a","a")
