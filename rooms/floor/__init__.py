"""What the mediator shows or checks off: articles of law, typical cases, the script card."""
