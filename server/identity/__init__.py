"""Who somebody is: officers, join links, one-time codes, devices; and the installation's key."""
