# expect: urlopen | paramiko
import paramiko
paramiko.SSHClient().connect("evil.example")
