"""Where finished files go: a folder or an S3 bucket, and how far the files of a closed case are on their way."""
