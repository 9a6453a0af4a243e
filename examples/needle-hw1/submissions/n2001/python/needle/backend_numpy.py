"""Arrays of numpy."""
import numpy

class Device:
    """Where arrays are kept."""


class CPUDevice(Device):
    def __repr__(self):
        return "needle.cpu()"

    def __hash__(self):
        return self.__repr__().__hash__()

    def __eq__(self, other):
        return isinstance(other, CPUDevice)

    def enabled(self):
        return True


def cpu():
    return CPUDevice()


def all_devices():
    return [cpu()]
