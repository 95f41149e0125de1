"""The dashboard service: jobs, how many there are of each status, and a page that shows both as they change."""
