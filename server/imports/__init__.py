"""Complaints that come by a channel: files, webhooks and mail become batches, and batches complaints."""
