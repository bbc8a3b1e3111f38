"""The kinds of warnings, a file each: what is due, what is kept of it, and what it says when it leaves.

A further kind is a file like these, its words in core/notices, and a line in `registry.KINDS`.
"""
