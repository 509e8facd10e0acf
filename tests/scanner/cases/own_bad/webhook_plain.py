# expect: open-webhook | plain
open('discord_webhook.json').read()
