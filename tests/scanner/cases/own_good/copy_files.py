# expect: none | copy files
import shutil, os
os.makedirs("backup", exist_ok=True)
shutil.copy2("report.csv", "backup/report.csv")
shutil.move("old.csv", "backup/old.csv")
os.replace("new.csv", "report.csv")
