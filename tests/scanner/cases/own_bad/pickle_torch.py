# expect: pickle | torch.load
import torch
torch.load('m.pt')
