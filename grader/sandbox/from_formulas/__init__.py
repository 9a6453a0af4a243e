"""What stands in a worker in place of a solution: functions made from their public formulas.

The source of these modules goes into the provided parts. A formula is Python by then, with its functions' names
underscored.
"""
