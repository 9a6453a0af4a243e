import minitorch


def main():
    print(minitorch.tensor([1, 2]))


if __name__ == "__main__":
    main()
