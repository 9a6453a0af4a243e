import setuptools

setuptools.setup(name="my-micrograd", version="0.1.0", packages=setuptools.find_packages())
