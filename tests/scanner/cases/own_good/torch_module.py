# expect: none | nn.Module eval and load_state_dict
import torch
class Net(torch.nn.Module):
    def forward(self, input): return input
net = Net()
net.eval()
net.load_state_dict({})
