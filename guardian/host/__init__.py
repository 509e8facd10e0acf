"""This machine: what runs on it, its name, ports, sockets and disks."""
