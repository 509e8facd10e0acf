# expect: none | ordinary code
"""Doc with http://evil.example inside and eval()."""
# http://evil.example

