"""The mathematics: forward process, what the network is asked for, the loss, sampling."""
