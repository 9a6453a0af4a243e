"""26. Compile what doubles with every level: a finally's body is compiled twice."""

text = "".join(" " * i + "try: pass\n" + " " * i + "finally:\n" for i in range(19)) + " " * 19 + "pass\n"
while True:
    try:
        compile(text, "bomb", "exec")
    except MemoryError:
        pass
