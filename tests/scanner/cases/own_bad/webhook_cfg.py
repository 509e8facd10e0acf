# expect: open-webhook | cfg
import configparser
configparser.ConfigParser().read("discord_webhook.json")
