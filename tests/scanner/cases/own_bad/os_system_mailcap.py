# expect: os-system | imaplib stream
import imaplib
imaplib.IMAP4_stream("sh -c id")
