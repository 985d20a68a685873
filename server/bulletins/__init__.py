"""Weekly and monthly bulletins: put together, and printed."""
