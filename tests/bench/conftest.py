"""What needs packages that are not there is not even looked at for examples."""

collect_ignore_glob = ["peers/*"]
collect_ignore = ["plot.py"]
