"""What builds and checks the site; run as `python -m tools.<name>`, never shipped."""
