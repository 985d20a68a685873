"""Messages to people outside: kept until delivered, by whichever notifier is configured."""
