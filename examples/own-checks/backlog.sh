#!/bin/sh
# backlog.sh FOLDER MOST: fails when more than MOST files wait in FOLDER.
folder=$1
most=$2
if [ ! -d "$folder" ]; then
  echo "there is no folder $folder"
  exit 3
fi
count=$(find "$folder" -type f | wc -l | tr -d ' ')
if [ "$count" -gt "$most" ]; then
  echo "$count files wait in $folder, at most $most may"
  exit 1
fi
echo "$count files wait in $folder"
