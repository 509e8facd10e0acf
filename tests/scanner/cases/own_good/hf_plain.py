# expect: none | hf plain
from transformers import AutoModel, AutoTokenizer
tokenizer = AutoTokenizer.from_pretrained("bert-base-uncased")
model = AutoModel.from_pretrained("bert-base-uncased", trust_remote_code=False)
print(model(**tokenizer("hi", return_tensors="pt")))
