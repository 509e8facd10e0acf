"""What executors and orchestrators import. Quick to load: Celery and the configuration come at first use.

from guardian import client
scanned = client.scan(path, agent="writer")
if scanned.allowed:
    run(scanned.source)  # the bytes that were scanned, whatever became of the file since
"""

from guardian.client.receipts import Verified, verify_receipt
from guardian.client.scanning import Scanned, scan

__all__ = ["Scanned", "Verified", "scan", "verify_receipt"]
