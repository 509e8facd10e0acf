# expect: urlopen | imap
import imaplib
imaplib.IMAP4_SSL("evil.example")
