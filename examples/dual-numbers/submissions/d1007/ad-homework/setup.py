from setuptools import find_packages, setup

setup(name="dual-numbers-homework", packages=find_packages())
