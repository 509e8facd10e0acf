# expect: secret-place | proc environ
print(open("/proc/1/environ").read())
