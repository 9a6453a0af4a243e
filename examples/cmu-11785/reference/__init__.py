"""MyTorch: an autograd engine."""
