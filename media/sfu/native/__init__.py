"""The fan-out compiled from fan_out.c, where somebody has built it. Optional: media.sfu.fanout does the same."""
