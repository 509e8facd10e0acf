# expect: none | weights_only
import torch
m = torch.load('m.pt', weights_only=True)
