"""The live room's pages: the party's waiting and phone room, the mediator's cockpit."""
