"""What stands before the routes of an API beside its authorizers: usage plans, web ACLs, resource policies, leave to call what IAM guards."""
