"""`python -m server` is `yuntiao`."""

from server.cli import app

if __name__ == "__main__":  # a process an import starts for itself loads this module, too
    app()
