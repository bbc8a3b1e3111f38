"""The daemon: wiring, signals, systemd, and the socket that the operator's commands come over."""
