# expect: none | torch train
import torch
model = torch.nn.Linear(2, 1)
opt = torch.optim.SGD(model.parameters(), lr=0.1)
model.train()
loss = model(torch.rand(4, 2)).sum()
loss.backward()
opt.step()
model.eval()
torch.save(model.state_dict(), "m.pt")
model.load_state_dict(torch.load("m.pt", weights_only=True))
