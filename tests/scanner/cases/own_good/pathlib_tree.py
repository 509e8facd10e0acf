# expect: none | pathlib tree
from pathlib import Path
def tree(p, depth=0):
    for child in sorted(p.iterdir()):
        print("  " * depth + child.name)
        if child.is_dir():
            tree(child, depth + 1)
tree(Path("src"))
