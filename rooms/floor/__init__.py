"""The floor: phases, microphones, cameras, hands and the chat."""
