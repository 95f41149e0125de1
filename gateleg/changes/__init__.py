"""Changes of what is deployed, judged before they are made: on plain data, so that constructs, the command line and the local run ask the same."""
