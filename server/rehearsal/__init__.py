"""A whole mediation played over the real paths: pages, forms, Socket.IO and WebRTC, with synthetic people."""
