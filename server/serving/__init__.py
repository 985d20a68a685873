"""A server on a data folder: its connections, its addresses, its health.

process      `yuntiao serve` from start to stop
data_folder  whether it is an installation, and the locks on it
limits       how many connections there may be, in which time each must do what, and the open files they rest on
gate         every connection with what it is doing: who makes room for whom, who is cut for standing still
listener     accepts, hands over to TLS, and rests when the machine has no more files
addresses    under which the machine is reached, and the certificate for them
origins      from which sites a browser may open a socket
health       alive, ready, and what is measured
"""
