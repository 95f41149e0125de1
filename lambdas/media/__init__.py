"""The media service: what is known of files that lie in S3 or elsewhere: their versions and their tags."""
