# expect: none | ordinary code
import smtplib, ftplib, socket
print(socket.AF_INET, smtplib.SMTPException)
