"""Where arrays are kept: in the memory of this machine, by numpy."""


class Device:
    """Somewhere that arrays can be kept."""

    def enabled(self):
        """Say whether it can be used."""
        return False


class CPUDevice(Device):
    """The memory of this machine."""

    def __repr__(self):
        return "needle.cpu()"

    def __eq__(self, other):
        return isinstance(other, CPUDevice)

    def __hash__(self):
        return hash(repr(self))

    def enabled(self):
        """Say that it can be used."""
        return True


def cpu():
    """Return the memory of this machine."""
    return CPUDevice()


def all_devices():
    """Return every device that there is."""
    return [cpu()]
