# expect: none | ordinary code
import openai
c=openai.OpenAI(base_url="https://api.openai.com/v1")
print(c.models.list())
