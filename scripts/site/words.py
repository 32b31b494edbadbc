"""Text as a cell of a Markdown table."""
import re


def escaped(text):
    return re.sub(r"([<$*_\[\]{}])", r"\\\1", text)


def cell(text):
    """What stands between backquotes stays as it is, but for the bars that would end the cell."""
    parts = text.replace("\n", " ").replace("|", "\\|").split("`")
    return "`".join(part if number % 2 else escaped(part) for number, part in enumerate(parts))


def code(text):
    return f"`{str(text).replace('|', chr(92) + '|')}`"
