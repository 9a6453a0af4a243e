from setuptools import setup

setup(name="minitorch")
