"""The mediation session: state machine, seats, waiting room, phases, timing, outcome; one live room, one mailbox."""
