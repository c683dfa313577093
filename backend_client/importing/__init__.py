"""The user's own files: read by rows, shaped for the wide door, bad rows named.

Pure Python without Qt, so that the command line and the console read files by the same code.
"""
