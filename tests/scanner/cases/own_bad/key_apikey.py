# expect: open-key | api key text
open('openai_api_key.txt').read()
