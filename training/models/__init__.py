"""The networks. Plain PyTorch, no state but their weights."""
