# expect: none | descriptor typed
class Positive:
    def __set_name__(self, owner, name):
        self.name = "_" + name
    def __get__(self, obj, owner=None):
        return getattr(obj, self.name)
    def __set__(self, obj, value):
        if value <= 0:
            raise ValueError(self.name)
        setattr(obj, self.name, value)
class Order:
    amount = Positive()
    def __init__(self, amount):
        self.amount = amount
print(Order(3).amount)
