"""What runs on AWS Lambda: a package for each service."""
