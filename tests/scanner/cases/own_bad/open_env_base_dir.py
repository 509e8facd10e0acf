# expect: open-env | a setting divided by a text
from django.conf import settings
print((settings.BASE_DIR / ".env").read_text())
