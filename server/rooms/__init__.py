"""What a room stands on beside itself: its office and complaint, private notes, adjournment, records."""
