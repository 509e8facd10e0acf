# expect: urlopen | ftplib
from ftplib import FTP
FTP('evil.example')
