"""The TCP connections of the pages: how many there may be, and how long each may keep us waiting.

limits      the figures, and the open files they rest on
gate        every connection with what it is doing: who makes room for whom, who is cut for standing still
protocol    aiohttp's protocol, telling the gate what a connection does
listener    accepts, hands over to TLS, and rests when the machine has no more files
tally       what was cut and refused: a metric, and a line a minute
"""
