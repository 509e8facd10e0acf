# expect: open-webhook | head
import subprocess
subprocess.check_output(['head', '-1', 'webhooks.json'])
