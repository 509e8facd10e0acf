# expect: none | token count
import tiktoken
def count_tokens(text, model="gpt-4o"):
    return len(tiktoken.encoding_for_model(model).encode(text))
tokens = {"a": count_tokens("hello")}
with open("token_counts.csv", "w") as f:
    f.write("\n".join(f"{k},{v}" for k, v in tokens.items()))
