# expect: pickle | weights_only False
import torch
torch.load('m.pt', weights_only=False)
