# expect: open-key | zipfile.write
import zipfile
with zipfile.ZipFile('x.zip', 'w') as z:
    z.write('server.key')
