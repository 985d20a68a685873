"""The room's Socket.IO namespace: validate, authorise, translate, acknowledge."""
