"""This machine: its name, its processes, ports, sockets and disks."""
