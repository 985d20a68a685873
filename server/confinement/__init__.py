"""Files from outside are read by a child process that may take so much of the machine and no more.

`reader` starts the child, keeps it to its limits and takes its frames; `child` is the script it runs; `tasks` are what
it can be asked to read. Why, and what is read elsewhere: docs/decisions/0032-files-are-read-in-a-confined-child.md.
"""
