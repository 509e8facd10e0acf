#!/bin/sh
# drain.sh FROM TO: moves every file on. Done again, it does no harm.
mkdir -p "$2" && find "$1" -type f -exec mv {} "$2" \; && echo "moved on to $2"
