# expect: unreadable | unknown cookie -*- coding: nonsense -*-
x = 1
