# expect: none | ordinary code
import torch
model=torch.nn.Linear(1,1)
model.eval()
with torch.no_grad(): model(torch.zeros(1))
torch.save(model.state_dict(),"m.pt")
