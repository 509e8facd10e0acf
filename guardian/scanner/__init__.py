"""What a generated script can do, read from its source and never run. Pure but for reading the file; standard library
only: an executor asks before each script, so it has to load in a moment."""

from guardian.scanner.scan import rules, scan_file, scan_source

__all__ = ["rules", "scan_file", "scan_source"]
